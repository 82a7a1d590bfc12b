// Every connection there is: bounded, found by number or by its far end, and let go when it falls silent.
import {
  type CancelTimer,
  DeadlineQueue,
  Driver,
  type Endpoint,
  type Runtime,
  type TcpConnection,
} from '../../core/index.ts';
import type { TransportCounters } from './counters.ts';
import type { ConnectionLimits } from './limits.ts';
import type { MessageIntake } from './message-intake.ts';
import { StreamConnection } from './stream-connection.ts';
import type { Flow } from './types.ts';

export interface ConnectionTableOptions {
  readonly intake: MessageIntake;
  readonly counters: TransportCounters;
  readonly limits: ConnectionLimits;
  readonly onFlowLost: (flow: Flow) => void;
  readonly onPong: (flow: Flow) => void;
}

/** Takes the outcome of a try to connect: undefined where it failed. */
export type OnConnected = (flow: Flow | undefined) => void;

/** A connection under way. */
interface Attempt {
  readonly waiting: OnConnected[];
  readonly abort: AbortController;
  readonly cancelTimer: CancelTimer;
}

/** How long the peers may take to close when we do. */
const CLOSE_MS = 1_000;

export class ConnectionTable {
  readonly #runtime: Runtime;
  readonly #options: ConnectionTableOptions;
  readonly #driver: Driver;
  readonly #byId = new Map<number, StreamConnection>();
  readonly #byRemote = new Map<string, StreamConnection>();
  readonly #perAddress = new Map<string, number>();
  readonly #connecting = new Map<string, Attempt>();
  readonly #deadlines = new DeadlineQueue<StreamConnection>();
  #cancelLinger: CancelTimer | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(runtime: Runtime, options: ConnectionTableOptions) {
    this.#runtime = runtime;
    this.#options = options;
    this.#driver = new Driver(runtime, this, () => {});
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Takes over a connection that a peer has opened. */
  accept(tcp: TcpConnection): void {
    if (this.#isFullFor(tcp.remote.address)) {
      this.#options.counters.connectionsRefused += 1;
      tcp.destroy();
      return;
    }
    this.#add(tcp, true);
  }

  /** The open connection with this far end, whoever opened it. */
  find(remote: Endpoint): Flow | undefined {
    return this.#byRemote.get(remoteKey(remote))?.flow;
  }

  /** Whether the connection of this number is open. */
  has(connectionId: number): boolean {
    return this.#byId.has(connectionId);
  }

  /** Connects, unless that is done or under way. The outcome comes later, never within the call. */
  connect(remote: Endpoint, onConnected: OnConnected): void {
    const key = remoteKey(remote);
    const underWay = this.#connecting.get(key);
    if (underWay) {
      underWay.waiting.push(onConnected);
      return;
    }
    const abort = new AbortController();
    const limitAt = this.#runtime.clock.now() + this.#options.limits.connectMs;
    const cancelTimer = this.#runtime.setTimer(limitAt, () => arrived(undefined));
    const attempt = { waiting: [onConnected], abort, cancelTimer };
    const arrived = (tcp: TcpConnection | undefined) => this.#finish(key, attempt, tcp);
    this.#connecting.set(key, attempt);
    const connecting = this.#runtime.network.connectTcp(remote, { signal: abort.signal });
    connecting.then(arrived, () => arrived(undefined));
  }

  /** @returns false where the connection is gone, or its peer takes nothing */
  send(bytes: Uint8Array, connectionId: number): boolean {
    const connection = this.#byId.get(connectionId);
    return connection?.send(this.#runtime.clock.now(), bytes) ?? false;
  }

  /** @returns false where the connection is gone */
  ping(connectionId: number): boolean {
    return this.#byId.get(connectionId)?.ping(this.#runtime.clock.now()) ?? false;
  }

  /** Drops a connection that leads nowhere any more; its loss is told of as of any other. */
  drop(connectionId: number): void {
    this.#byId.get(connectionId)?.destroy();
  }

  nextTimeoutAt(): number | undefined {
    return this.#deadlines.nextAt();
  }

  handleTimeout(now: number): void {
    for (let due = this.#deadlines.takeDue(now); due; due = this.#deadlines.takeDue(now)) {
      if (due.expiresAt > now) this.#deadlines.set(due, due.expiresAt);
      else {
        this.#options.counters.connectionsExpired += 1;
        due.destroy();
      }
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#driver.close();
    for (const connection of this.#byId.values()) connection.close();
    if (this.#byId.size > 0)
      this.#cancelLinger = this.#runtime.setTimer(this.#closeBy(), () => this.#destroyAll());
    for (const [key, attempt] of this.#connecting) this.#finish(key, attempt, undefined);
  }

  #closeBy(): number {
    return this.#runtime.clock.now() + CLOSE_MS;
  }

  #destroyAll(): void {
    for (const connection of this.#byId.values()) connection.destroy();
  }

  #finish(key: string, attempt: Attempt, tcp: TcpConnection | undefined): void {
    // Too late: whoever waited was told already.
    if (this.#connecting.get(key) !== attempt) return tcp?.destroy();
    this.#connecting.delete(key);
    attempt.cancelTimer();
    if (tcp === undefined) attempt.abort.abort();
    else if (this.#isFullFor(tcp.remote.address)) {
      tcp.destroy();
      tcp = undefined;
    }
    const flow = tcp && this.#add(tcp, false).flow;
    for (const onConnected of attempt.waiting) onConnected(flow);
  }

  #isFullFor(address: string): boolean {
    const { maxConnections, maxConnectionsPerAddress } = this.#options.limits;
    const isFull = this.#byId.size >= maxConnections;
    return isFull || this.#isClosed || (this.#perAddress.get(address) ?? 0) >= maxConnectionsPerAddress;
  }

  #add(tcp: TcpConnection, isInbound: boolean): StreamConnection {
    this.#lastId += 1;
    const { intake, counters, limits, onPong } = this.#options;
    const options = { tcp, id: this.#lastId, isInbound, intake, counters, limits, onPong };
    const connection = new StreamConnection(this.#runtime.clock.now(), options);
    const { address } = tcp.remote;
    this.#byId.set(this.#lastId, connection);
    this.#byRemote.set(remoteKey(tcp.remote), connection);
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    tcp.onData = (bytes) => {
      this.#driver.run((now) => {
        connection.handleData(now, bytes);
        if (!connection.isClosed) this.#deadlines.set(connection, connection.expiresAt);
      });
    };
    tcp.onClose = () => this.#remove(connection);
    this.#driver.run(() => this.#deadlines.set(connection, connection.expiresAt));
    return connection;
  }

  #remove(connection: StreamConnection): void {
    connection.handleClosed();
    this.#deadlines.clear(connection);
    const { connectionId, remote } = connection.flow;
    if (connectionId !== undefined) this.#byId.delete(connectionId);
    const key = remoteKey(remote);
    if (this.#byRemote.get(key) === connection) this.#byRemote.delete(key);
    const left = (this.#perAddress.get(remote.address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(remote.address, left);
    else this.#perAddress.delete(remote.address);
    if (!this.#isClosed) this.#options.onFlowLost(connection.flow);
    else if (this.#byId.size === 0) this.#cancelLinger?.();
  }
}

function remoteKey(remote: Endpoint): string {
  return `${remote.address}|${remote.port}`;
}
