// Provisional responses that must arrive (RFC 3262), at the answering side: one at a time, repeated until PRACK.

import type { ServerTransaction } from '../endpoint/types.ts';
import type { SipRequest, SipResponse } from '../message/index.ts';
import { GIVE_UP_MS, T1 } from './constants.ts';
import type { SessionTimers } from './timers.ts';

/** Provisionals behind one that is not acknowledged; the 2xx always finds its place. */
const MAX_WAITING = 16;

export interface ReliableProvisional {
  /** Builds the response with its RSeq. */
  readonly make: (rseq: number) => SipResponse;
  readonly onAcknowledged: () => void;
}

interface Outstanding extends ReliableProvisional {
  readonly response: SipResponse;
}

/** Queues what must not overtake a provisional that is not acknowledged yet. */
export class ReliableProvisionals {
  readonly #transaction: ServerTransaction;
  readonly #timers: SessionTimers<string>;
  readonly #onGiveUp: () => void;
  readonly #waiting: (() => void)[] = [];
  #rseq: number;
  #outstanding: Outstanding | undefined;

  constructor(
    parts: {
      readonly transaction: ServerTransaction;
      readonly timers: SessionTimers<string>;
      /** RFC 3262 §3: from 1 to 2^31 - 1. */
      readonly firstRseq: number;
    },
    onGiveUp: () => void,
  ) {
    this.#transaction = parts.transaction;
    this.#timers = parts.timers;
    this.#rseq = parts.firstRseq;
    this.#onGiveUp = onGiveUp;
  }

  /** Sends now, or once the provisional before is acknowledged (RFC 3262 §3). */
  send(provisional: ReliableProvisional): void {
    if (this.#waiting.length >= MAX_WAITING) return;
    this.afterAcknowledged(() => {
      this.#rseq += 1;
      this.#outstanding = { response: provisional.make(this.#rseq), ...provisional };
      this.#repeat(T1);
      this.#timers.set('prack', GIVE_UP_MS, () => {
        this.stop();
        this.#onGiveUp();
      });
    });
  }

  /** A 2xx must wait as well: its SDP would cross that of the provisional. */
  afterAcknowledged(action: () => void): void {
    if (!this.#outstanding) action();
    else this.#waiting.push(action);
  }

  /** Whether the PRACK is for what waits; otherwise it is to be answered with 481. */
  isAcknowledgedBy(prack: SipRequest): boolean {
    const [rseq, sequence, method] = (prack.header('RAck') ?? '').split(/\s+/);
    return (
      this.#outstanding !== undefined &&
      Number(rseq) === this.#rseq &&
      Number(sequence) === this.#transaction.request.cseq.sequenceNumber &&
      method === 'INVITE'
    );
  }

  /** The PRACK came. {@link ReliableProvisionals.proceed} then sends what waited for it. */
  acknowledge(): void {
    const acknowledged = this.#outstanding;
    this.stop();
    acknowledged?.onAcknowledged();
  }

  proceed(): void {
    while (!this.#outstanding) {
      const next = this.#waiting.shift();
      if (!next) break;
      next();
    }
  }

  stop(): void {
    this.#outstanding = undefined;
    this.#timers.clear('repeat1xx');
    this.#timers.clear('prack');
  }

  #repeat(intervalMs: number): void {
    if (!this.#outstanding) return;
    this.#transaction.respond(this.#outstanding.response);
    // RFC 3262 §3: doubling, without the ceiling of T2.
    this.#timers.set('repeat1xx', intervalMs, () => this.#repeat(2 * intervalMs));
  }
}
