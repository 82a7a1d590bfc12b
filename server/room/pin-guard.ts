// Remembers wrong PINs beyond the call in which they were tried, so that calling again gains nothing.
import type { Clock } from '../../core/index.ts';

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;
/** Wrong PINs are forgotten after so long without another. */
const MEMORY_MS = 10 * 60_000;
/** Users that are remembered; the one who tried longest ago is forgotten for a new one. */
const MAX_USERS = 1000;

export class PinGuard {
  readonly #clock: Clock;
  readonly #failures = new Map<string, { readonly count: number; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns how long the answer to this wrong PIN is to wait: twice as long each time */
  failed(user: string): number {
    const count = this.#countOf(user) + 1;
    // To the end of the order.
    this.#failures.delete(user);
    this.#failures.set(user, { count, at: this.#clock.now() });
    const oldest = this.#failures.keys().next().value;
    if (this.#failures.size > MAX_USERS && oldest !== undefined) this.#failures.delete(oldest);
    return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(count - 1, 10));
  }

  succeeded(user: string): void {
    this.#failures.delete(user);
  }

  #countOf(user: string): number {
    const known = this.#failures.get(user);
    return known && this.#clock.now() - known.at < MEMORY_MS ? known.count : 0;
  }
}
