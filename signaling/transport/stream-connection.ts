// One connection: cuts its bytes into messages, answers keep-alives, knows its deadlines.
import { DecodeError, type TcpConnection } from '../../core/index.ts';
import { StreamFramer } from '../message/index.ts';
import type { TransportCounters } from './counters.ts';
import type { ConnectionLimits } from './limits.ts';
import type { MessageIntake } from './message-intake.ts';
import type { Flow } from './types.ts';

const NEVER = Number.POSITIVE_INFINITY;

const PING = new Uint8Array([0x0d, 0x0a, 0x0d, 0x0a]);
const PONG = PING.subarray(0, 2);

/** How long a peer may take to close a connection on which it has sent nonsense. */
const LINGER_MS = 2_000;

export interface StreamConnectionOptions {
  readonly tcp: TcpConnection;
  readonly id: number;
  /** Whether the peer opened it. */
  readonly isInbound: boolean;
  readonly intake: MessageIntake;
  readonly counters: TransportCounters;
  readonly limits: ConnectionLimits;
  /** A keep-alive of ours was answered. */
  readonly onPong: (flow: Flow) => void;
}

export class StreamConnection {
  readonly flow: Flow;
  readonly #tcp: TcpConnection;
  readonly #intake: MessageIntake;
  readonly #counters: TransportCounters;
  readonly #limits: ConnectionLimits;
  readonly #onPong: (flow: Flow) => void;
  readonly #framer = new StreamFramer();
  #lastActivityAt: number;
  /** When the peer owes us the end of what it has begun, or its first message. */
  #messageDueAt: number;
  #isFaulty = false;
  #isClosed = false;

  constructor(now: number, options: StreamConnectionOptions) {
    const { tcp, id, limits } = options;
    this.flow = { protocol: 'tcp', local: tcp.local, remote: tcp.remote, connectionId: id };
    this.#tcp = tcp;
    this.#intake = options.intake;
    this.#counters = options.counters;
    this.#limits = limits;
    this.#onPong = options.onPong;
    this.#lastActivityAt = now;
    this.#messageDueAt = options.isInbound ? now + limits.firstMessageMs : NEVER;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** When the connection is to be closed, if nothing happens until then. */
  get expiresAt(): number {
    return Math.min(this.#messageDueAt, this.#lastActivityAt + this.#limits.idleMs);
  }

  handleData(now: number, bytes: Uint8Array): void {
    this.#lastActivityAt = now;
    // The framer keeps what it is given, the socket may reuse it: so a copy.
    this.#framer.push(Buffer.from(bytes));
    let isWhole = false;
    for (let frame = this.#framer.next(); frame !== undefined; frame = this.#framer.next()) {
      if (this.#isClosed) return;
      isWhole = true;
      if (frame instanceof DecodeError) {
        // The stream has lost its rhythm: nothing behind this point can be trusted to be a message.
        if (!this.#isFaulty) this.#intake.handleMalformed(frame, this.flow, bytes.length);
        return this.#giveUp(now);
      }
      if (frame === 'keep-alive') this.#answerPing();
      else if (frame === 'pong') this.#onPong(this.flow);
      else this.#intake.handleMessage(frame, this.flow);
    }
    if (this.#framer.bufferedBytes === 0) this.#messageDueAt = NEVER;
    else if (isWhole || this.#messageDueAt === NEVER) this.#messageDueAt = now + this.#limits.messageMs;
  }

  /** @returns false where the peer is gone, or has let too much pile up */
  send(now: number, bytes: Uint8Array): boolean {
    if (this.#isClosed) return false;
    if (this.#tcp.bufferedBytes + bytes.length > this.#limits.maxBufferedBytes) {
      this.#tcp.destroy();
      return false;
    }
    this.#lastActivityAt = now;
    this.#tcp.write(bytes);
    return true;
  }

  /** Sends a keep-alive (RFC 5626 §3.5.1). @returns as {@link StreamConnection.send} */
  ping(now: number): boolean {
    this.#framer.expectPong();
    return this.send(now, PING);
  }

  handleClosed(): void {
    this.#isClosed = true;
  }

  close(): void {
    this.#tcp.close();
  }

  destroy(): void {
    this.#tcp.destroy();
  }

  /** Sends what is written and closes; a peer that does not close in turn is dropped soon. */
  #giveUp(now: number): void {
    if (this.#isFaulty) return;
    this.#isFaulty = true;
    this.#messageDueAt = now + LINGER_MS;
    this.#tcp.close();
  }

  /** RFC 5626 §3.5.1: a double CRLF is answered with a single one. */
  #answerPing(): void {
    this.#counters.keepAlives += 1;
    if (!this.#isClosed && this.#tcp.bufferedBytes < this.#limits.maxBufferedBytes) this.#tcp.write(PONG);
  }
}
