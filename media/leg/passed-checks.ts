// Checks that were passed on to the other party of a call: where each came from, so that its answer finds back.
import { type Endpoint, isSameEndpoint } from '../../core/index.ts';

export interface PassedCheck {
  readonly source: Endpoint;
  /** Whom it was passed to; undefined where that was nobody. */
  readonly to: Endpoint | undefined;
}

/** More than an agent has under way at a time (RFC 8445 §6.1.2.5: 100 pairs, paced), for a minute of them. */
const MAX_CHECKS = 128;

/** By transaction, bounded: the oldest goes first. */
export class PassedChecks {
  readonly #checks = new Map<string, PassedCheck>();

  get size(): number {
    return this.#checks.size;
  }

  /**
   * A retransmission takes the place of the one before.
   *
   * @returns false for a transaction that came from another source before
   */
  note(transactionKey: string, check: PassedCheck): boolean {
    const before = this.#checks.get(transactionKey);
    if (before && !isSameEndpoint(before.source, check.source)) return false;
    this.#checks.set(transactionKey, check);
    const [oldest] = this.#checks.keys();
    if (this.#checks.size > MAX_CHECKS && oldest !== undefined) this.#checks.delete(oldest);
    return true;
  }

  get(transactionKey: string): PassedCheck | undefined {
    return this.#checks.get(transactionKey);
  }
}
