// The transport layer (RFC 3261 §18): listening sockets and connections behind one `send`.
import {
  addressFamily,
  type Endpoint,
  normalizeAddress,
  type Runtime,
  tracePoint,
  type UdpSocket,
} from '../../core/index.ts';
import { type BindOptions, type BoundSockets, bindSockets } from './bind.ts';
import { ConnectionTable, type OnConnected } from './connection-table.ts';
import { newTransportCounters, type TransportCounters } from './counters.ts';
import { type ConnectionLimits, DEFAULT_CONNECTION_LIMITS } from './limits.ts';
import { type IntakeOptions, MessageIntake } from './message-intake.ts';
import type { Flow, SipTrace, TransportProtocol } from './types.ts';

export interface TransportOptions
  extends Pick<
    IntakeOptions,
    'onRequest' | 'onResponse' | 'onNonSip' | 'onKeepAlive' | 'isOurSentBy' | 'onMalformed' | 'product'
  > {
  readonly listen: readonly BindOptions[];
  readonly limits?: Partial<ConnectionLimits>;
  readonly onFlowLost: (flow: Flow) => void;
  /** A keep-alive of ours was answered over a connection. */
  readonly onPong?: ((flow: Flow) => void) | undefined;
}

export interface Listening {
  readonly protocol: TransportProtocol;
  readonly local: Endpoint;
}

const sent = tracePoint('patchcord:sip:sent');

export class Transports {
  readonly listening: readonly Listening[];
  readonly counters: TransportCounters = newTransportCounters();
  readonly #sockets: BoundSockets;
  readonly #connections: ConnectionTable;

  /** Binds the sockets and begins to receive. @throws see {@link bindSockets} */
  static async open(runtime: Runtime, options: TransportOptions): Promise<Transports> {
    return new Transports(runtime, await bindSockets(runtime.network, options.listen), options);
  }

  private constructor(runtime: Runtime, sockets: BoundSockets, options: TransportOptions) {
    this.#sockets = sockets;
    this.listening = [
      ...sockets.udp.map(({ local }): Listening => ({ protocol: 'udp', local })),
      ...sockets.tcp.map(({ local }): Listening => ({ protocol: 'tcp', local })),
    ];
    const reply = (bytes: Uint8Array, flow: Flow) => {
      this.send(bytes, flow);
    };
    const { counters, listening } = this;
    const intake = new MessageIntake({ ...options, counters, listening, reply });
    const limits = { ...DEFAULT_CONNECTION_LIMITS, ...options.limits };
    const { onFlowLost, onPong = () => {} } = options;
    this.#connections = new ConnectionTable(runtime, { intake, counters, limits, onFlowLost, onPong });
    for (const socket of sockets.udp) this.#receive(socket, intake);
    for (const listener of sockets.tcp) {
      listener.onConnection = (connection) => this.#connections.accept(connection);
    }
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** @returns false where the message certainly did not leave */
  send(bytes: Uint8Array, flow: Flow): boolean {
    const hasLeft =
      flow.protocol === 'udp' ? this.#sendDatagram(bytes, flow) : this.#sendOnConnection(bytes, flow);
    if (!hasLeft) {
      this.counters.unsendable += 1;
      return false;
    }
    this.counters.sent += 1;
    if (sent.hasSubscribers) sent.publish({ bytes, flow, listening: this.listening } satisfies SipTrace);
    return true;
  }

  /** Sends a datagram that is no SIP (RFC 7983). @returns false where it certainly did not leave */
  sendNonSip(bytes: Uint8Array, flow: Flow): boolean {
    return flow.protocol === 'udp' && this.#sendDatagram(bytes, flow);
  }

  /** Sends a keep-alive over a connection (RFC 5626 §3.5.1). @returns false where it is gone */
  ping({ connectionId }: Flow): boolean {
    return connectionId !== undefined && this.#connections.ping(connectionId);
  }

  /** Drops a connection whose peer is not there any more. */
  drop({ connectionId }: Flow): void {
    if (connectionId !== undefined) this.#connections.drop(connectionId);
  }

  /** The way to a peer that is open already: over UDP always, over TCP where there is a connection. */
  flowTo(protocol: TransportProtocol, remote: Endpoint): Flow | undefined {
    if (protocol !== 'udp') return this.#connections.find(remote);
    const socket = this.#udpSocketFor(remote.address);
    return socket && { protocol: 'udp', local: socket.local, remote, connectionId: undefined };
  }

  /** Whether anything can still be sent over the flow. */
  isOpen({ connectionId }: Flow): boolean {
    return connectionId === undefined || this.#connections.has(connectionId);
  }

  /** Opens a connection. The outcome comes later, never within the call. */
  connect(remote: Endpoint, onConnected: OnConnected): void {
    this.#connections.connect(remote, onConnected);
  }

  close(): void {
    for (const socket of this.#sockets.udp) socket.close();
    for (const listener of this.#sockets.tcp) listener.close();
    this.#connections.close();
  }

  #receive(socket: UdpSocket, intake: MessageIntake): void {
    const { local } = socket;
    socket.onDatagram = (bytes, address, port) => {
      intake.handleDatagram(bytes, {
        protocol: 'udp',
        local,
        remote: { address, port },
        connectionId: undefined,
      });
    };
    socket.onError = () => {
      this.counters.socketErrors += 1;
    };
  }

  #sendDatagram(bytes: Uint8Array, flow: Flow): boolean {
    const { remote, local } = flow;
    const socket =
      this.#sockets.udp.find((candidate) => candidate.local === local) ?? this.#udpSocketFor(remote.address);
    if (!socket || remote.port === 0) return false;
    socket.send(bytes, remote.address, remote.port);
    return true;
  }

  #sendOnConnection(bytes: Uint8Array, flow: Flow): boolean {
    return flow.connectionId !== undefined && this.#connections.send(bytes, flow.connectionId);
  }

  /** A socket of the address's family; of several, the one on the same interface or on all. */
  #udpSocketFor(address: string): UdpSocket | undefined {
    const family = addressFamily(normalizeAddress(address));
    return this.#sockets.udp.find((socket) => addressFamily(socket.local.address) === family);
  }
}
