// What carries the messages between a TURN client and its server: a UDP socket of its own, or a connection.
import { DecodeError, type Endpoint, type TcpConnection, type UdpSocket } from '../../core/index.ts';
import { HEADER_BYTES, StunStreamFramer } from '../stun/index.ts';

/** Data that waits for a slow connection is old sound: more than this is dropped. */
const MAX_BUFFERED_BYTES = 32_768;
/**
 * Whatever the length field can say: peers send datagrams as long as they like, and anybody can send one in a peer's
 * name. None of them is to end the connection.
 */
const MAX_FRAME_BYTES = HEADER_BYTES + 65_535;

export interface TurnCarrier {
  readonly local: Endpoint;
  /** Whole messages. `bytes` may be reused after the call. */
  onMessage: ((bytes: Uint8Array, source: Endpoint) => void) | undefined;
  /** The connection is gone; comes once, and not after {@link TurnCarrier.close}. */
  onLost: (() => void) | undefined;
  /** A datagram is copied; what a connection is given must not change. */
  send(bytes: Uint8Array): void;
  close(): void;
}

export class UdpCarrier implements TurnCarrier {
  readonly local: Endpoint;
  onMessage: ((bytes: Uint8Array, source: Endpoint) => void) | undefined;
  onLost: (() => void) | undefined;
  readonly #socket: UdpSocket;
  readonly #server: Endpoint;

  constructor(socket: UdpSocket, server: Endpoint) {
    this.#socket = socket;
    this.#server = server;
    this.local = socket.local;
    socket.onDatagram = (bytes, address, port) => {
      const isServer = port === server.port && address === server.address;
      this.onMessage?.(bytes, isServer ? server : { address, port });
    };
  }

  send(bytes: Uint8Array): void {
    this.#socket.send(bytes, this.#server.address, this.#server.port);
  }

  close(): void {
    this.#socket.close();
  }
}

/** TCP and TLS (RFC 8656 §3.1): messages behind each other, ChannelData padded. */
export class StreamCarrier implements TurnCarrier {
  readonly local: Endpoint;
  onMessage: ((bytes: Uint8Array, source: Endpoint) => void) | undefined;
  onLost: (() => void) | undefined;
  readonly #connection: TcpConnection;
  readonly #framer = new StunStreamFramer({ maxFrameBytes: MAX_FRAME_BYTES });

  constructor(connection: TcpConnection, server: Endpoint) {
    this.#connection = connection;
    this.local = connection.local;
    connection.onData = (bytes) => this.#receive(bytes, server);
    connection.onClose = () => this.#lose();
  }

  send(bytes: Uint8Array): void {
    if (this.#connection.bufferedBytes <= MAX_BUFFERED_BYTES) this.#connection.write(bytes);
  }

  /** All was said and answered by then, or nobody listens. */
  close(): void {
    this.onLost = undefined;
    this.onMessage = undefined;
    this.#connection.destroy();
  }

  #receive(bytes: Uint8Array, server: Endpoint): void {
    this.#framer.push(bytes);
    for (let frame = this.#framer.next(); frame; frame = this.#framer.next()) {
      // Nobody knows where the next message would begin.
      if (frame instanceof DecodeError) return this.#connection.destroy();
      this.onMessage?.(frame, server);
    }
  }

  #lose(): void {
    const tell = this.onLost;
    this.onLost = undefined;
    tell?.();
  }
}
