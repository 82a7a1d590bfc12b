// Opens the listening sockets of an endpoint, all of them or none.
import {
  codeOf,
  formatEndpoint,
  messageOf,
  type Network,
  OperationError,
  type TcpListener,
  type UdpSocket,
  UsageError,
} from '../../core/index.ts';
import type { TransportProtocol } from './types.ts';

export interface BindOptions {
  readonly protocol: TransportProtocol;
  /** Numeric; `0.0.0.0` and `::` mean every interface. */
  readonly address: string;
  /** 0 asks for any free port, the same one for all entries that ask so. */
  readonly port: number;
}

export interface BoundSockets {
  readonly udp: readonly UdpSocket[];
  readonly tcp: readonly TcpListener[];
}

/** How often a port that was free for one protocol may be taken for the other, until we give up. */
const MAX_TRIES = 20;

/**
 * Binds all sockets. Entries with port 0 share one port: a phone may be told `sip:host:port` and choose UDP or TCP.
 *
 * @throws OperationError `SIP_LISTEN_FAILED` where a socket cannot be bound
 * @throws UsageError where a protocol cannot be served
 */
export async function bindSockets(network: Network, listen: readonly BindOptions[]): Promise<BoundSockets> {
  for (const { protocol } of listen) {
    if (protocol === 'udp' || protocol === 'tcp') continue;
    throw new UsageError(`cannot listen on "${protocol}"; the transports are udp and tcp`);
  }
  for (let tries = 1; ; tries += 1) {
    const result = await tryBind(network, listen);
    if (!(result instanceof OperationError)) return result;
    const isWorthATry = listen.some((entry) => entry.port === 0) && codeOf(result.cause) === 'EADDRINUSE';
    if (!isWorthATry || tries === MAX_TRIES) throw result;
  }
}

async function tryBind(
  network: Network,
  listen: readonly BindOptions[],
): Promise<BoundSockets | OperationError> {
  const udp: UdpSocket[] = [];
  const tcp: TcpListener[] = [];
  let sharedPort = 0;
  for (const { protocol, address, port } of listen) {
    const where = { address, port: port || sharedPort };
    try {
      const socket = protocol === 'udp' ? await network.bindUdp(where) : await network.listenTcp(where);
      if ('send' in socket) udp.push(socket);
      else tcp.push(socket);
      if (port === 0) sharedPort = socket.local.port;
    } catch (error) {
      // A host without IPv6 serves IPv4 alone.
      if (address === '::' && listen.length > 1 && isWithoutFamily(error)) continue;
      for (const socket of [...udp, ...tcp]) socket.close();
      const reason = codeOf(error) ?? messageOf(error);
      const message = `cannot listen on ${protocol} ${formatEndpoint(where)} (${reason})`;
      return new OperationError('SIP_LISTEN_FAILED', message, { cause: error });
    }
  }
  return { udp, tcp };
}

function isWithoutFamily(error: unknown): boolean {
  return ['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(codeOf(error) ?? '');
}
