// The TURN server over the network of a runtime: its sockets, its relays, its one timer.
import {
  Driver,
  type Endpoint,
  formatEndpoint,
  isSameEndpoint,
  type Log,
  messageOf,
  type Runtime,
  type TcpListener,
  UsageError,
} from '../../../core/index.ts';
import { endpointAt, SERVER_SOCKETS } from '../../behaviour/alternates.ts';
import type { Tally, TurnCounters } from './counters.ts';
import type { LocalPeer } from './local-peers.ts';
import type { TurnServerOptions } from './options.ts';
import type { Relay } from './relay.ts';
import { relayAddressesFor } from './relay-address.ts';
import { StreamClients } from './stream-clients.ts';
import { TurnServer } from './turn-server.ts';
import type { RelaySocket, TurnClient, TurnServerEvent, TurnSockets, UdpClientPort } from './types.ts';
import { networkSockets } from './udp-clients.ts';

/** Where a server listens, with the real ports where 0 was asked for. */
export interface TurnListening {
  readonly udp: readonly Endpoint[];
  readonly tcp: readonly Endpoint[];
  readonly tls: readonly Endpoint[];
}

/** Whoever started it closes it. */
export interface RunningTurnServer {
  readonly listening: TurnListening;
  report(): Promise<TurnCounters>;
  /** Lets relays speak with a socket of this machine, which would be refused with all others here. */
  admit(peer: LocalPeer): void;
  /** Ends that, at once. Whoever admitted it says so before the socket is closed. */
  dismiss(peer: LocalPeer): void;
  /** Frees every allocation and closes every socket. */
  close(): Promise<void>;
}

/**
 * STUN and TURN on the given addresses, in this thread.
 *
 * @param socketsFor - faster sockets than those of the runtime's network; they may count what they relay
 * @throws UsageError where an option makes no sense, or an error with the system's `code` where a port is taken
 */
export async function startTurnServer(
  runtime: Runtime,
  options: TurnServerOptions,
  socketsFor: (tally: Tally) => TurnSockets = () => networkSockets(runtime.network),
): Promise<InlineTurnServer> {
  const { clock, network } = runtime;
  checkOptions(options);
  const core = new TurnServer({
    ...options,
    random: runtime.random.fork('turn server'),
    wallClockAt: (now) => clock.wallClock() - clock.now() + now,
    relayAddresses: await relayAddressesFor(network, options),
    ownAddresses: network.localAddresses(),
  });
  const server = new InlineTurnServer(runtime, core, socketsFor(core.tally));
  try {
    await server.listen(options);
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

function checkOptions({ listen, tls, alternates = [] }: TurnServerOptions): void {
  if (listen.tls?.length && !tls) {
    throw new UsageError('turn: listen.tls is given without a certificate; give tls.certificate and tls.key');
  }
  const needed = alternates.flatMap((each) => SERVER_SOCKETS.map((socket) => endpointAt(each, socket)));
  const missing = needed.find((one) => !listen.udp?.some((place) => isSameEndpoint(place, one)));
  if (missing) {
    throw new UsageError(`turn: alternates name ${formatEndpoint(missing)}; add it to listen.udp`);
  }
}

export class InlineTurnServer implements RunningTurnServer {
  readonly #runtime: Runtime;
  readonly #core: TurnServer;
  readonly #driver: Driver;
  readonly #log: Log;
  readonly #sockets: TurnSockets;
  readonly #udp: UdpClientPort[] = [];
  readonly #tcp: StreamClients[] = [];
  readonly #tls: StreamClients[] = [];
  #isClosed = false;

  constructor(runtime: Runtime, core: TurnServer, sockets: TurnSockets) {
    this.#sockets = sockets;
    this.#runtime = runtime;
    this.#core = core;
    this.#log = runtime.log.child({ part: 'turn' });
    this.#driver = new Driver(runtime, core, () => this.#drain());
  }

  get listening(): TurnListening {
    const localOf = (clients: readonly { readonly local: Endpoint }[]) => clients.map(({ local }) => local);
    return { udp: localOf(this.#udp), tcp: localOf(this.#tcp), tls: localOf(this.#tls) };
  }

  /** Sizes of all tables: zero when everything is over. */
  get tables(): Readonly<Record<string, number>> {
    const connections = this.connectionCount;
    const clients = this.#udp.reduce((sum, { size }) => sum + size, 0);
    return { ...this.#core.tables, clients, connections };
  }

  /** Clients over TCP and TLS. */
  get connectionCount(): number {
    return [...this.#tcp, ...this.#tls].reduce((sum, { size }) => sum + size, 0);
  }

  get counters(): TurnCounters {
    return this.#core.counters;
  }

  async report(): Promise<TurnCounters> {
    return this.counters;
  }

  admit(peer: LocalPeer): void {
    this.#run(() => this.#core.admit(peer));
  }

  dismiss(peer: LocalPeer): void {
    this.#run(() => this.#core.dismiss(peer));
  }

  async listen({ listen, tls, alternates = [] }: TurnServerOptions): Promise<void> {
    const { network } = this.#runtime;
    for (const endpoint of listen.udp ?? []) {
      this.#udp.push(await this.#sockets.openClientPort(endpoint, this.#handleMessage));
    }
    for (const four of alternates) this.#core.joinPorts(four, this.#udp);
    for (const endpoint of listen.tcp ?? []) {
      this.#tcp.push(this.#streamClients(await network.listenTcp(endpoint), 'tcp'));
    }
    for (const endpoint of listen.tls ?? []) {
      const listener = tls && (await network.listenTls?.({ ...endpoint, ...tls }));
      if (!listener) throw new UsageError('turn: listen.tls is given, and this network has no TLS');
      this.#tls.push(this.#streamClients(listener, 'tls'));
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const clients of [...this.#udp, ...this.#tcp, ...this.#tls]) clients.close();
    this.#run(() => this.#core.close());
    this.#driver.close();
  }

  #streamClients(listener: TcpListener, transport: 'tcp' | 'tls'): StreamClients {
    return new StreamClients(listener, {
      runtime: this.#runtime,
      transport,
      onMessage: this.#handleMessage,
      onGone: (client) => this.#run(() => this.#core.handleClientGone(client)),
      onMalformed: () => this.#core.tally.drop('malformed'),
    });
  }

  readonly #handleMessage = (client: TurnClient, bytes: Uint8Array): void => {
    this.#run((now) => this.#core.handleMessage(now, client, bytes));
  };

  /** A fault of ours costs the one input that it came with. */
  #run(input: (now: number) => void): void {
    try {
      this.#driver.run(input);
    } catch (error) {
      this.#core.tally.faults += 1;
      this.#log.error({ err: error }, 'the TURN server failed at an input');
    }
  }

  #drain(): void {
    for (let events = this.#core.takeEvents(); events.length > 0; events = this.#core.takeEvents()) {
      for (const event of events) this.#handleEvent(event);
    }
  }

  #handleEvent(event: TurnServerEvent): void {
    if (event.type === 'bind') return this.#bind(event.relay);
    const { client, user } = event.allocation;
    const fields = {
      client: formatEndpoint(client.remote),
      transport: client.transport,
      user: user.quotaKey,
    };
    if (event.type === 'allocated') {
      const relayed = event.allocation.relays.map((relay) => formatEndpoint(relay.relayed));
      this.#log.info({ ...fields, relayed }, 'TURN allocation made');
    } else this.#log.info({ ...fields, reason: event.reason }, 'TURN allocation ended');
  }

  /** Sockets that need not be waited for are there within the input that asked for them. */
  #bind(relay: Relay): void {
    const bound = (socket: RelaySocket) => this.#run((now) => this.#core.handleBound(now, relay, socket));
    const failed = (error: unknown) => {
      this.#log.debug({ relay: formatEndpoint(relay.local), reason: messageOf(error) }, 'relay not bound');
      this.#run((now) => this.#core.handleBindFailed(now, relay));
    };
    try {
      const socket = this.#sockets.openRelay(relay, (bytes, address, port) => {
        this.#run((now) => this.#core.handlePeerDatagram(now, relay, bytes, { address, port }));
      });
      if (socket instanceof Promise) socket.then(bound, failed);
      else bound(socket);
    } catch (error) {
      failed(error);
    }
  }
}
