// Clients over TCP or TLS: each connection is cut into messages, and held no longer than it is used (RFC 8656 §3.1).
import {
  type CancelTimer,
  DecodeError,
  type Endpoint,
  formatEndpoint,
  type Runtime,
  type TcpConnection,
  type TcpListener,
} from '../../../core/index.ts';
import { padForStream, StunStreamFramer } from '../../stun/stream-framer.ts';
import { isChannelDataOfClient } from '../channel-data.ts';
import type { TurnClient } from './types.ts';

/** Whoever has no allocation after so long is let go. */
export const IDLE_LIMIT_MS = 30_000;
/** Connections at a time on one listener; each may hold a frame that is not complete. */
const MOST_CONNECTIONS = 4096;
/** What a client has not taken; about a second of sound and video. More is dropped, as it would be on UDP. */
const MOST_BUFFERED_BYTES = 262_144;
/** The same of a stranger: he is told little, and asks again only when he was told. */
const MOST_BUFFERED_OF_STRANGER_BYTES = 4_096;
/** What waits costs us some hundred bytes a message, however short it is. */
const MOST_BUFFERED_MESSAGES = 1_024;

export interface StreamClientsOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'setTimer'>;
  readonly transport: 'tcp' | 'tls';
  readonly onMessage: (client: TurnClient, bytes: Uint8Array) => void;
  readonly onGone: (client: TurnClient) => void;
  /** Bytes that are no messages; the connection is dropped. */
  readonly onMalformed: () => void;
}

export class StreamClients {
  readonly #listener: TcpListener;
  readonly #options: StreamClientsOptions;
  readonly #clients = new Set<StreamClient>();

  /** Closes the listener when it is closed. */
  constructor(listener: TcpListener, options: StreamClientsOptions) {
    this.#listener = listener;
    this.#options = options;
    listener.onConnection = (connection) => this.#accept(connection);
  }

  get local(): Endpoint {
    return this.#listener.local;
  }

  get size(): number {
    return this.#clients.size;
  }

  close(): void {
    this.#listener.close();
    for (const client of [...this.#clients]) client.drop();
  }

  #accept(connection: TcpConnection): void {
    if (this.#clients.size >= MOST_CONNECTIONS) return connection.destroy();
    const client = new StreamClient(connection, this.#options, () => this.#clients.delete(client));
    this.#clients.add(client);
  }
}

class StreamClient implements TurnClient {
  readonly key: string;
  readonly transport: 'tcp' | 'tls';
  readonly remote: Endpoint;
  readonly #connection: TcpConnection;
  readonly #options: StreamClientsOptions;
  readonly #framer = new StunStreamFramer({ takesOldChannels: true });
  #cancelIdle: CancelTimer | undefined;

  constructor(connection: TcpConnection, options: StreamClientsOptions, onClosed: () => void) {
    const { local, remote } = connection;
    this.key = `${options.transport} ${formatEndpoint(local)} ${formatEndpoint(remote)}`;
    this.transport = options.transport;
    this.remote = remote;
    this.#connection = connection;
    this.#options = options;
    connection.onData = (bytes) => this.#read(bytes);
    connection.onClose = () => {
      this.#cancelIdle?.();
      onClosed();
      options.onGone(this);
    };
    this.handleFreed();
  }

  send(bytes: Uint8Array): boolean {
    const connection = this.#connection;
    const mostBytes = this.#isStranger ? MOST_BUFFERED_OF_STRANGER_BYTES : MOST_BUFFERED_BYTES;
    // As many as there would be if all were as long as this one.
    const most = Math.min(mostBytes, MOST_BUFFERED_MESSAGES * bytes.length);
    if (connection.bufferedBytes > most) return false;
    // The connection keeps what it is given.
    const padded = isChannelDataOfClient(bytes) ? padForStream(bytes) : bytes;
    connection.write(padded === bytes ? bytes.slice() : padded);
    return true;
  }

  /** Who has an allocation has proven himself. */
  get #isStranger(): boolean {
    return this.#cancelIdle !== undefined;
  }

  handleAllocated(): void {
    this.#cancelIdle?.();
    this.#cancelIdle = undefined;
  }

  /** At the beginning too: there is no allocation. */
  handleFreed(): void {
    const { clock } = this.#options.runtime;
    this.#cancelIdle?.();
    this.#cancelIdle = this.#options.runtime.setTimer(clock.now() + IDLE_LIMIT_MS, () => this.drop());
  }

  drop(): void {
    this.#connection.destroy();
  }

  #read(bytes: Uint8Array): void {
    this.#framer.push(bytes);
    for (let frame = this.#framer.next(); frame; frame = this.#framer.next()) {
      if (frame instanceof DecodeError) {
        this.#options.onMalformed();
        return this.drop();
      }
      this.#options.onMessage(this, frame);
    }
  }
}
