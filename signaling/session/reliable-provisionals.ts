// Provisional responses that must arrive (RFC 3262), at the answering side: one at a time, repeated until PRACK.

import type { ServerTransaction } from '../endpoint/types.ts';
import type { SipRequest, SipResponse } from '../message/index.ts';
import { GIVE_UP_MS, T1 } from './constants.ts';
import type { SessionTimers } from './timers.ts';

/** Queues what must not overtake a provisional that is not acknowledged yet. */
export class ReliableProvisionals {
  readonly #transaction: ServerTransaction;
  readonly #timers: SessionTimers<string>;
  readonly #onGiveUp: () => void;
  readonly #waiting: (() => void)[] = [];
  #rseq: number;
  #outstanding: SipResponse | undefined;

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

  /** Whether a provisional waits for its PRACK. */
  get isWaiting(): boolean {
    return this.#outstanding !== undefined;
  }

  /** Sends now, or once the provisional before is acknowledged (RFC 3262 §3). */
  send(make: (rseq: number) => SipResponse): void {
    this.afterAcknowledged(() => {
      this.#rseq += 1;
      this.#outstanding = make(this.#rseq);
      this.#repeat(T1);
      this.#timers.set('prack', GIVE_UP_MS, () => {
        this.stop();
        this.#onGiveUp();
      });
    });
  }

  /** A 2xx must wait as well: its SDP answers would cross. */
  afterAcknowledged(action: () => void): void {
    if (this.#outstanding) this.#waiting.push(action);
    else action();
  }

  /** @returns false where the PRACK is for nothing that waits, to be answered with 481 */
  handlePrack(prack: SipRequest): boolean {
    const [rseq, sequence, method] = (prack.header('RAck') ?? '').split(/\s+/);
    const { cseq } = this.#transaction.request;
    const fits =
      this.#outstanding &&
      Number(rseq) === this.#rseq &&
      Number(sequence) === cseq.sequenceNumber &&
      method === 'INVITE';
    if (!fits) return false;
    this.stop();
    while (!this.#outstanding) {
      const next = this.#waiting.shift();
      if (!next) break;
      next();
    }
    return true;
  }

  stop(): void {
    this.#outstanding = undefined;
    this.#timers.clear('repeat1xx');
    this.#timers.clear('prack');
  }

  #repeat(intervalMs: number): void {
    if (!this.#outstanding) return;
    this.#transaction.respond(this.#outstanding);
    // RFC 3262 §3: doubling, without the ceiling of T2.
    this.#timers.set('repeat1xx', intervalMs, () => this.#repeat(2 * intervalMs));
  }
}
