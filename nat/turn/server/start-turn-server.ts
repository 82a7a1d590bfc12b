// The TURN server over the network of a runtime: its sockets, its relays, its one timer.
import {
  Driver,
  type Endpoint,
  formatEndpoint,
  type Log,
  messageOf,
  type Runtime,
  type TcpListener,
  UsageError,
} from '../../../core/index.ts';
import type { TurnCounters } from './counters.ts';
import type { TurnServerOptions } from './options.ts';
import type { Relay } from './relay.ts';
import { relayAddressesFor } from './relay-address.ts';
import { StreamClients } from './stream-clients.ts';
import { TurnServer } from './turn-server.ts';
import type { TurnClient, TurnServerEvent } from './types.ts';
import { UdpClients } from './udp-clients.ts';

/** Every client comes to one socket. As much as the kernel gives. */
const RECEIVE_BUFFER_BYTES = 4_000_000;

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
  /** Frees every allocation and closes every socket. */
  close(): Promise<void>;
}

/**
 * STUN and TURN on the given addresses, in this thread.
 *
 * @throws UsageError where an option makes no sense, or an error with the system's `code` where a port is taken
 */
export async function startTurnServer(
  runtime: Runtime,
  options: TurnServerOptions,
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
  const server = new InlineTurnServer(runtime, core);
  try {
    await server.listen(options);
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

function checkOptions({ listen, tls }: TurnServerOptions): void {
  if (listen.tls?.length && !tls) {
    throw new UsageError('turn: listen.tls is given without a certificate; give tls.certificate and tls.key');
  }
}

export class InlineTurnServer implements RunningTurnServer {
  readonly #runtime: Runtime;
  readonly #core: TurnServer;
  readonly #driver: Driver;
  readonly #log: Log;
  readonly #udp: UdpClients[] = [];
  readonly #tcp: StreamClients[] = [];
  readonly #tls: StreamClients[] = [];
  #isClosed = false;

  constructor(runtime: Runtime, core: TurnServer) {
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
    const connections = [...this.#tcp, ...this.#tls].reduce((sum, { size }) => sum + size, 0);
    const clients = this.#udp.reduce((sum, { size }) => sum + size, 0);
    return { ...this.#core.tables, clients, connections };
  }

  get counters(): TurnCounters {
    return this.#core.counters;
  }

  async report(): Promise<TurnCounters> {
    return this.counters;
  }

  async listen({ listen }: TurnServerOptions): Promise<void> {
    const { network } = this.#runtime;
    for (const endpoint of listen.udp ?? []) {
      const socket = await network.bindUdp({ ...endpoint, receiveBufferBytes: RECEIVE_BUFFER_BYTES });
      this.#udp.push(new UdpClients(socket, this.#handleMessage));
    }
    for (const endpoint of listen.tcp ?? []) {
      this.#tcp.push(this.#streamClients(await network.listenTcp(endpoint), 'tcp'));
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
    for (const event of this.#core.takeEvents()) this.#handleEvent(event);
  }

  #handleEvent(event: TurnServerEvent): void {
    if (event.type === 'bind') return void this.#bind(event.relay);
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

  async #bind(relay: Relay): Promise<void> {
    try {
      const socket = await this.#runtime.network.bindUdp(relay.local);
      socket.onDatagram = (bytes, address, port) => {
        this.#run((now) => this.#core.handlePeerDatagram(now, relay, bytes, { address, port }));
      };
      // What cannot be sent is lost, as any datagram may be.
      socket.onError = () => {};
      this.#run((now) => this.#core.handleBound(now, relay, socket));
    } catch (error) {
      this.#log.debug({ relay: formatEndpoint(relay.local), reason: messageOf(error) }, 'relay not bound');
      this.#run((now) => this.#core.handleBindFailed(now, relay));
    }
  }
}
