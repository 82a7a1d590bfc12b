// Remembers wrong PINs beyond the call in which they were tried, so that calling again, or twice at once, gains nothing.
import type { Clock } from '../../core/index.ts';
import type { RoomRole } from './types.ts';

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;
/** Wrong PINs are forgotten so long after the last one was answered. */
const MEMORY_MS = 10 * 60_000;
/** Whose calls at once wait for more than this is not listened to until less is left. */
const LONGEST_DEBT_MS = 60_000;
/** Users that are remembered; the one who tried longest ago is forgotten for a new one. */
const MAX_USERS = 1000;

/** What comes of one PIN. */
export interface Verdict {
  /** Undefined where it is wrong. */
  readonly role: RoomRole | undefined;
  /** How long the answer is to wait. */
  readonly delayMs: number;
}

export class PinGuard {
  readonly #clock: Clock;
  /** How many were wrong, and when the last of them is answered. */
  readonly #failures = new Map<string, { readonly count: number; readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Each wrong PIN is answered twice as late as the one before, and after all that the user has open in other calls;
   * so is a right one, for its being early would tell. A right one forgives nothing: whoever knows the PIN of members
   * could guess that of moderators between two of them.
   *
   * @param role - what the PIN gives; undefined where it is wrong
   */
  weigh(user: string, role: RoomRole | undefined): Verdict {
    const now = this.#clock.now();
    const { count, until } = this.#failuresOf(user, now);
    const debtMs = Math.max(0, until - now);
    if (debtMs > LONGEST_DEBT_MS) return { role: undefined, delayMs: LONGEST_DELAY_MS };
    if (role) return { role, delayMs: debtMs };
    const delayMs = debtMs + Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(count, 10));
    this.#remember(user, { count: count + 1, until: now + delayMs });
    return { role: undefined, delayMs };
  }

  #failuresOf(user: string, now: number): { readonly count: number; readonly until: number } {
    const known = this.#failures.get(user);
    return known && now - known.until < MEMORY_MS ? known : { count: 0, until: now };
  }

  #remember(user: string, failures: { readonly count: number; readonly until: number }): void {
    // To the end of the order.
    this.#failures.delete(user);
    this.#failures.set(user, failures);
    const oldest = this.#failures.keys().next().value;
    if (this.#failures.size > MAX_USERS && oldest !== undefined) this.#failures.delete(oldest);
  }
}
