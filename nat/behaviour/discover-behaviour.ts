// The shell of behaviour discovery: owns the sockets and the one timer.
import { Driver, type Endpoint, OperationError, type Runtime, type UdpSocket } from '../../core/index.ts';
import { BehaviourDiscovery, type BehaviourEvent } from './discovery.ts';
import { LIFETIME_SOCKETS, type LifetimeEvent, LifetimeSearch } from './lifetime-search.ts';
import { DISCOVERY_SOCKETS } from './plan.ts';
import type { ProbeDatagram, ProbeSocket } from './prober.ts';
import type { BehaviourReport } from './types.ts';

export interface DiscoverBehaviourOptions {
  /** Whom to ask, all of one family, the preferred first. One that has two addresses says all there is to say. */
  readonly servers: readonly [Endpoint, ...Endpoint[]];
  /** Also measures how long a mapping lives: minutes. Default false. */
  readonly withLifetime?: boolean;
  /** How long a mapping is let age at most: see {@link LifetimeSearch}. */
  readonly maxAgeMs?: number;
  readonly onProgress?: (event: BehaviourEvent | LifetimeEvent) => void;
  /** Ends the measurement; what is known so far is reported. */
  readonly signal?: AbortSignal;
}

/** A machine that asks through several sockets until it is done. */
interface ProbingMachine<Event> {
  readonly isDone: boolean;
  handleDatagram(
    now: number,
    socket: ProbeSocket,
    datagram: { readonly bytes: Uint8Array; readonly source: Endpoint },
  ): void;
  nextTimeoutAt(): number | undefined;
  handleTimeout(now: number): void;
  takeDatagrams(now: number): readonly ProbeDatagram[];
  takeEvents(): readonly Event[];
}

/**
 * Finds out what NAT the runtime's host is behind, as the servers see it. Resolves also where none of them answers.
 *
 * @throws OperationError where there is no route to the servers, or no socket to be had
 */
export async function discoverBehaviour(
  runtime: Runtime,
  options: DiscoverBehaviourOptions,
): Promise<BehaviourReport> {
  const address = await sourceAddress(runtime, options.servers[0]);
  const report = await findBehaviour(runtime, address, options);
  const [server] = report.servers;
  if (!options.withLifetime || !server || options.signal?.aborted) return report;
  return withLifetime(runtime, { address, server, report }, options);
}

async function sourceAddress(runtime: Runtime, { address }: Endpoint): Promise<string> {
  const source = await runtime.network.sourceAddressFor(address);
  if (source === undefined) throw new OperationError('NAT_NO_ROUTE', `there is no route to ${address}`);
  return source;
}

async function findBehaviour(
  runtime: Runtime,
  address: string,
  { servers, onProgress, signal }: DiscoverBehaviourOptions,
): Promise<BehaviourReport> {
  const sockets = await bindSockets(runtime, address, DISCOVERY_SOCKETS);
  const locals = sockets.map(({ local }) => local);
  const random = runtime.random.fork('behaviour');
  const machine = new BehaviourDiscovery(runtime.clock.now(), { random, servers, locals });
  await play(runtime, { machine, sockets, signal }, (event) => onProgress?.(event));
  return machine.report();
}

async function withLifetime(
  runtime: Runtime,
  {
    address,
    server,
    report,
  }: { readonly address: string; readonly server: Endpoint; readonly report: BehaviourReport },
  { maxAgeMs, onProgress, signal }: DiscoverBehaviourOptions,
): Promise<BehaviourReport> {
  const sockets = await bindSockets(runtime, address, LIFETIME_SOCKETS);
  const random = runtime.random.fork('lifetime');
  const age = maxAgeMs === undefined ? {} : { maxAgeMs };
  const machine = new LifetimeSearch(runtime.clock.now(), { random, server, ...age });
  const { lifetime: _, ...otherDoubts } = report.doubts;
  let found: BehaviourReport = { ...report, doubts: { ...otherDoubts, lifetime: 'server-unable' } };
  await play(runtime, { machine, sockets, signal }, (event) => {
    if (event.type !== 'impossible') found = { ...report, lifetime: event.lifetime, doubts: otherDoubts };
    onProgress?.(event);
  });
  return found;
}

async function bindSockets(runtime: Runtime, address: string, count: number): Promise<readonly UdpSocket[]> {
  const sockets: UdpSocket[] = [];
  try {
    while (sockets.length < count) sockets.push(await runtime.network.bindUdp({ address, port: 0 }));
    return sockets;
  } catch (error) {
    for (const socket of sockets) socket.close();
    throw new OperationError('NAT_NO_SOCKET', `no UDP socket at ${address}`, { cause: error });
  }
}

interface Play<Event> {
  readonly machine: ProbingMachine<Event>;
  readonly sockets: readonly UdpSocket[];
  readonly signal: AbortSignal | undefined;
}

/** Runs the machine on the sockets until it is done or stopped, and closes them. */
function play<Event>(
  runtime: Runtime,
  { machine, sockets, signal }: Play<Event>,
  onEvent: (event: Event) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      driver.close();
      signal?.removeEventListener('abort', end);
      for (const socket of sockets) socket.close();
      resolve();
    };
    const driver = new Driver(runtime, machine, (now) => {
      for (const { socket, bytes, remote } of machine.takeDatagrams(now)) {
        sockets[socket]?.send(bytes, remote.address, remote.port);
      }
      for (const event of machine.takeEvents()) onEvent(event);
      if (machine.isDone) end();
    });
    for (const [index, socket] of sockets.entries()) {
      socket.onDatagram = (bytes, address, port) =>
        driver.run((now) => machine.handleDatagram(now, index, { bytes, source: { address, port } }));
    }
    if (signal?.aborted) return end();
    signal?.addEventListener('abort', end, { once: true });
    // Sends what the machine has to say from its birth.
    driver.run(() => undefined);
  });
}
