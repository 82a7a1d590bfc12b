// Listening and connecting on virtual hosts.
import {
  type CancelTimer,
  type Endpoint,
  formatEndpoint,
  normalizeAddress,
  OperationError,
  type TcpConnection,
  type TcpConnectOptions,
  type TcpListener,
} from '../../../core/index.ts';
import type { Packet } from '../../../media/impairment/index.ts';
import type { HostNode } from './host-node.ts';
import type { Arrival, Departure } from './internet.ts';
import { VirtualTcpConnection } from './tcp-connection.ts';
import { TcpPath } from './tcp-path.ts';

/** As Linux: six SYNs, a second before the second, doubled each time. */
const SYN_RETRY_MS = 1_000;
const MAX_SYN_TRIES = 6;

export class VirtualTcpListener implements TcpListener {
  onConnection: ((connection: TcpConnection) => void) | undefined;
  readonly local: Endpoint;
  readonly #host: HostNode;

  constructor(host: HostNode, options: { readonly address: string; readonly port: number }) {
    const address = normalizeAddress(options.address);
    this.#host = host;
    host.checkBindable(address);
    this.local = { address, port: host.tcp.bind(address, options.port, this) };
  }

  close(): void {
    this.#host.tcp.release(this.local);
  }
}

interface Attempt {
  readonly host: HostNode;
  readonly syn: Packet;
  readonly resolve: (connection: TcpConnection) => void;
  readonly reject: (error: Error) => void;
  /** Of what the attempt waits for. */
  cancelTimer: CancelTimer | undefined;
}

/** Connects from a host; rejects with ECONNREFUSED, ETIMEDOUT or ENETUNREACH, or ECANCELED where it was abandoned. */
export function connectTcp(
  host: HostNode,
  remote: Endpoint,
  { signal }: TcpConnectOptions = {},
): Promise<TcpConnection> {
  return new Promise((resolve, reject) => {
    const destination = { address: normalizeAddress(remote.address), port: remote.port };
    const address = host.sourceFor(destination.address);
    if (address === undefined) return reject(failure('ENETUNREACH', remote));
    const source = { address, port: host.tcp.freePort(address) };
    const syn: Packet = { protocol: 'tcp', source, destination, bytes: new Uint8Array(0) };
    const wish: Attempt = { host, syn, resolve, reject, cancelTimer: undefined };
    signal?.addEventListener('abort', () => {
      wish.cancelTimer?.();
      reject(failure('ECANCELED', remote));
    });
    attempt(wish, 0);
  });
}

function attempt(wish: Attempt, tries: number): void {
  const { host, syn } = wish;
  const { internet } = host;
  const now = internet.scheduler.now();
  const departure = departFrom(host, syn);
  const path = typeof departure === 'string' ? undefined : pathOut(departure, host);
  const at = path?.transit(now, syn.bytes);
  if (typeof departure !== 'string' && path && at !== undefined) {
    wish.cancelTimer = internet.scheduler.schedule(at, () => handleSyn(wish, { departure, path, tries }));
  } else {
    retryLater(wish, tries);
  }
}

function retryLater(wish: Attempt, tries: number): void {
  const { scheduler } = wish.host.internet;
  const isLast = tries >= MAX_SYN_TRIES;
  wish.cancelTimer = scheduler.schedule(scheduler.now() + SYN_RETRY_MS * 2 ** tries, () => {
    if (isLast) wish.reject(failure('ETIMEDOUT', wish.syn.destination));
    else attempt(wish, tries + 1);
  });
}

function departFrom(host: HostNode, syn: Packet): Departure | string {
  if (host.owns(syn.destination.address)) return { packet: syn, node: host, path: [host.name], nats: [] };
  return host.internet.depart(host.internet.scheduler.now(), host, syn);
}

function pathOut(departure: Departure, host: HostNode): TcpPath {
  const { packet, node, path, nats } = departure;
  return new TcpPath(host.internet, {
    from: path,
    to: host.internet.namesAt(node, packet),
    source: packet.source,
    destination: packet.destination,
    nats,
    random: host.random.fork(`tcp ${packet.source.port}`),
  });
}

/** The SYN is at the other end: an answer, a refusal, or silence. */
function handleSyn(
  wish: Attempt,
  way: { readonly departure: Departure; readonly path: TcpPath; readonly tries: number },
): void {
  const { host, syn } = wish;
  const { scheduler } = host.internet;
  const arrival = host.internet.arrive(scheduler.now(), way.departure);
  if (typeof arrival === 'string' || arrival.host.isUnplugged) return retryLater(wish, way.tries);
  const back = pathBack(way, arrival);
  const listener = arrival.host.listenerAt(arrival.packet.destination);
  const at = back.transit(scheduler.now(), syn.bytes);
  if (at === undefined) return retryLater(wish, way.tries);
  if (!listener) {
    wish.cancelTimer = scheduler.schedule(at, () => wish.reject(failure('ECONNREFUSED', syn.destination)));
    return;
  }
  const client = new VirtualTcpConnection(host, {
    local: syn.source,
    remote: syn.destination,
    path: way.path,
  });
  const server = new VirtualTcpConnection(arrival.host, {
    local: arrival.packet.destination,
    remote: arrival.packet.source,
    path: back,
  });
  VirtualTcpConnection.join(client, server);
  wish.cancelTimer = scheduler.schedule(at, () => wish.resolve(client));
  if (listener.onConnection) listener.onConnection(server);
  else server.destroy();
}

function pathBack(way: { readonly departure: Departure; readonly path: TcpPath }, arrival: Arrival): TcpPath {
  const { departure, path } = way;
  return new TcpPath(arrival.host.internet, {
    from: path.to,
    to: path.from,
    source: departure.packet.destination,
    destination: departure.packet.source,
    nats: [...departure.nats, ...arrival.nats],
    random: path.random.fork('back'),
  });
}

function failure(code: string, remote: Endpoint): OperationError {
  return new OperationError(code, `connect ${code} ${formatEndpoint(remote)}`);
}
