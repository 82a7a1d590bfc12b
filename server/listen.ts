// Opens the SIP sockets of the server, or says which one cannot be had.
import {
  codeOf,
  type Endpoint,
  formatEndpoint,
  OperationError,
  type Runtime,
  UsageError,
} from '../core/index.ts';
import { type ListenOptions, openSipEndpoint, type SipEndpoint } from '../signaling/index.ts';
import type { AdvertisedAddresses } from './addresses/index.ts';
import { type Configuration, DEFAULT_PORT } from './config/index.ts';

/** Every interface, both families; a machine without IPv6 goes without. */
const EVERYWHERE = ['0.0.0.0', '::'].map((address) => ({ address, port: DEFAULT_PORT }));

/** @throws UsageError where a port is taken or an address is not ours, or nothing is left to listen on */
export async function openEndpoint(
  runtime: Runtime,
  configuration: Configuration,
  advertised: AdvertisedAddresses,
): Promise<SipEndpoint> {
  const { udp, tcp } = sipSockets(configuration);
  const listen: readonly ListenOptions[] = [
    ...udp.map((local) => ({ protocol: 'udp' as const, ...local })),
    ...tcp.map((local) => ({ protocol: 'tcp' as const, ...local })),
  ];
  if (listen.length === 0) {
    throw new UsageError('sip.udp and sip.tcp are both off; let the server listen on one of them');
  }
  try {
    return await openSipEndpoint(runtime, {
      listen,
      product: 'Patchcord',
      advertisedHost: (peer) => advertised.addressFor(peer),
    });
  } catch (error) {
    throw error instanceof OperationError ? unusable(error) : error;
  }
}

function sipSockets({ sip }: Configuration): Record<'udp' | 'tcp', readonly Endpoint[]> {
  const { udp = EVERYWHERE, tcp = EVERYWHERE } = sip;
  return { udp, tcp };
}

/** Where SIP is asked to listen, on UDP or TCP; port 0 for any. */
export function sipPlacesOf(configuration: Configuration): readonly Endpoint[] {
  const { udp, tcp } = sipSockets(configuration);
  return [...udp, ...tcp];
}

const MENDS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'stop the program that has the port, or choose another with --sip-udp and --sip-tcp',
  EADDRNOTAVAIL: 'this machine has no such address; choose another with --sip-udp and --sip-tcp',
  EACCES: 'ports under 1024 need more rights; choose another with --sip-udp and --sip-tcp',
};

function unusable(error: OperationError): UsageError {
  const mend = MENDS[codeOf(error.cause) ?? ''] ?? 'choose another with --sip-udp and --sip-tcp';
  return new UsageError(`${error.message}; ${mend}`, { cause: error });
}

/** `udp 127.0.0.1:5060`, for people. */
export function listeningTexts(endpoint: Pick<SipEndpoint, 'listening'>): readonly string[] {
  return endpoint.listening.map(({ protocol, local }) => `${protocol} ${formatEndpoint(local)}`);
}
