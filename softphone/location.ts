// Where a phone listens, and where its server is.
import {
  addressFamily,
  codeOf,
  type Endpoint,
  formatHost,
  messageOf,
  OperationError,
  type Runtime,
  UsageError,
} from '../core/index.ts';
import { openSipEndpoint, type SipEndpoint, SipUserAgent, type UserAgent } from '../signaling/index.ts';
import { parseServer } from './account.ts';
import type { StunServer } from './ice-servers.ts';
import type { SoftphoneOptions } from './options.ts';
import { OutsideAddress } from './outside-address.ts';

/** RFC 3261 §18.1: where SIP is spoken if nobody says otherwise. */
const SIP_PORT = 5060;

export interface PhoneLocation {
  readonly userAgent: UserAgent;
  /** The first socket. */
  readonly local: Endpoint;
  /** Where that is seen from outside, where a STUN server was named. */
  readonly outside: OutsideAddress | undefined;
  /** Numeric address of the server. */
  serverEndpoint(): Promise<Endpoint>;
}

/** Opens the SIP sockets. @throws UsageError where they cannot be */
export async function locate(runtime: Runtime, options: SoftphoneOptions): Promise<PhoneLocation> {
  const { account, transport = 'udp' } = options;
  const serverEndpoint = () => findServer(runtime, account?.server ?? '');
  const address =
    options.localAddress ?? (account ? await addressToward(runtime, await serverEndpoint()) : '0.0.0.0');
  if (!addressFamily(address)) throw new UsageError(`--local-address "${address}" is not a numeric address`);
  const port = options.localPort ?? 0;
  const other = transport === 'udp' ? 'tcp' : 'udp';
  let outside: OutsideAddress | undefined;
  try {
    const endpoint = await openSipEndpoint(runtime, {
      // Both, the wanted one first: requests over 1,300 bytes go over TCP (RFC 3261 §18.1.1).
      listen: [
        { protocol: transport, address, port },
        { protocol: other, address, port },
      ],
      product: 'patchcord',
      contactAt: (flow) => outside?.toward(flow),
    });
    outside = await outsideAddressOf(runtime, endpoint, options.stunServer);
    const local = endpoint.listening[0]?.local ?? { address, port };
    const { user, password } = account ?? {};
    const credentials =
      user !== undefined && password !== undefined ? { username: user, password } : undefined;
    const userAgent = new SipUserAgent(runtime, endpoint, credentials ? { credentials } : {});
    return { userAgent, local, outside, serverEndpoint };
  } catch (error) {
    throw new UsageError(listenFault({ address, port }, error), { cause: error });
  }
}

function listenFault({ address, port }: Endpoint, error: unknown): string {
  const inner = error instanceof Error ? error.cause : undefined;
  const code = codeOf(inner) ?? codeOf(error) ?? messageOf(error);
  const mend =
    code === 'EADDRNOTAVAIL'
      ? 'it is no address of this machine: choose another with --local-address'
      : 'choose another with --local-port';
  return `cannot listen on ${formatHost(address)} port ${port} (${code}); ${mend}`;
}

/** Waits for the answer: what is sent before it would name a place where nobody is. */
async function outsideAddressOf(
  runtime: Runtime,
  endpoint: SipEndpoint,
  stunServer: StunServer | undefined,
): Promise<OutsideAddress | undefined> {
  if (!stunServer) return undefined;
  const addresses = await runtime.network.resolveHost(stunServer.host).catch(() => []);
  for (const { protocol, local } of endpoint.listening) {
    const family = addressFamily(local.address);
    const address = addresses.find((candidate) => addressFamily(candidate) === family);
    if (protocol !== 'udp' || address === undefined) continue;
    const server = { address, port: stunServer.port };
    const outside = new OutsideAddress(runtime, { endpoint, local, server });
    await outside.known;
    return outside;
  }
  return undefined;
}

async function findServer(runtime: Runtime, server: string): Promise<Endpoint> {
  const { host, port } = parseServer(server);
  // Whatever is wrong with DNS, the mend is the same.
  const [address] = await runtime.network.resolveHost(host).catch(() => []);
  if (address === undefined) {
    throw new OperationError(
      'SOFTPHONE_SERVER_UNKNOWN',
      `the server "${host}" has no address; check --server, and that DNS works here`,
    );
  }
  return { address, port: port ?? SIP_PORT };
}

async function addressToward(runtime: Runtime, server: Endpoint): Promise<string> {
  const source = await runtime.network.sourceAddressFor(server.address);
  return source ?? (addressFamily(server.address) === 6 ? '::' : '0.0.0.0');
}
