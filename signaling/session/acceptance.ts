// A 2xx to INVITE is repeated until its ACK comes (RFC 3261 §13.3.1.4): the transaction does not do it.

import type { ServerTransaction, SipEndpoint } from '../endpoint/types.ts';
import type { SipResponse } from '../message/index.ts';
import { GIVE_UP_MS, T1, T2 } from './constants.ts';
import type { SessionTimers } from './timers.ts';

/** Repeats one 2xx. */
export class Acceptance {
  readonly sequenceNumber: number;
  readonly #timers: SessionTimers<string>;
  readonly #repeat: () => void;
  #intervalMs = T1;

  constructor(
    parts: {
      readonly endpoint: SipEndpoint;
      readonly transaction: ServerTransaction;
      readonly response: SipResponse;
      readonly timers: SessionTimers<string>;
    },
    onGiveUp: () => void,
  ) {
    this.sequenceNumber = parts.transaction.request.cseq.sequenceNumber;
    this.#timers = parts.timers;
    this.#repeat = () => {
      parts.endpoint.resend(parts.transaction, parts.response);
      this.#arm();
    };
    this.#arm();
    parts.timers.set('acknowledge', GIVE_UP_MS, () => {
      this.stop();
      onGiveUp();
    });
  }

  stop(): void {
    this.#timers.clear('repeat2xx');
    this.#timers.clear('acknowledge');
  }

  #arm(): void {
    this.#timers.set('repeat2xx', this.#intervalMs, this.#repeat);
    this.#intervalMs = Math.min(2 * this.#intervalMs, T2);
  }
}
