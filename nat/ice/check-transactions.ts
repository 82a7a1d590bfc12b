// Checks of ours that wait for their answer (RFC 8445 §7.2, RFC 8489 §6.2.1).
import { DeadlineQueue } from '../../core/index.ts';
import type { CandidatePair } from './candidate-pair.ts';
import type { IceRole } from './types.ts';

/** RFC 8489 §6.2.1: sent so often at most, Rc. */
export const MAX_SENDS = 7;
/** RFC 8489 §6.2.1: Rm, the wait after the last one, in RTOs. */
const LAST_WAIT_RTOS = 16;
/** So many waits after the first are as long as it. */
const EVEN_WAITS = 2;
/** So long a check that is not sent again may be answered; no path takes longer. */
const LONE_CHECK_WAIT_MS = 5_000;
/** Far more than all pairs need: the oldest is given up beyond. */
const MAX_PENDING = 1_000;

export interface PendingCheck {
  readonly key: string;
  readonly pair: CandidatePair;
  readonly bytes: Uint8Array;
  /** Ours when it was sent: a 487 speaks of that one. */
  readonly role: IceRole;
  readonly isNominating: boolean;
  readonly startedAt: number;
  /** undefined: it is sent once and not again, as RFC 7675 §5.1 wants it of checks for consent. */
  readonly rtoMs: number | undefined;
  sends: number;
  /** RFC 8445 §7.3.1.4: it is not sent again and fails nothing, and an answer still counts. */
  isCancelled: boolean;
}

export interface DueChecks {
  readonly resent: readonly PendingCheck[];
  /** Never answered. */
  readonly expired: readonly PendingCheck[];
}

/** Pure bookkeeping; who owns it sends. */
export class CheckTransactions {
  readonly #pending = new Map<string, PendingCheck>();
  readonly #deadlines = new DeadlineQueue<PendingCheck>();

  get size(): number {
    return this.#pending.size;
  }

  /** Takes a check that was just sent. */
  add(now: number, check: PendingCheck): void {
    const [oldest] = this.#pending.keys();
    if (this.#pending.size >= MAX_PENDING && oldest !== undefined) this.take(oldest);
    this.#pending.set(check.key, check);
    this.#deadlines.set(check, now + (check.rtoMs ?? LONE_CHECK_WAIT_MS));
  }

  find(key: string): PendingCheck | undefined {
    return this.#pending.get(key);
  }

  /** Removes a check that was answered. */
  take(key: string): void {
    const check = this.#pending.get(key);
    if (!check) return;
    this.#pending.delete(key);
    this.#deadlines.clear(check);
  }

  /** RFC 8445 §7.3.1.4: another check takes the place of those of this pair. */
  cancel(now: number, pair: CandidatePair): void {
    for (const check of this.#pending.values()) {
      if (check.pair !== pair || check.isCancelled || check.rtoMs === undefined) continue;
      check.isCancelled = true;
      this.#deadlines.set(check, now + LONE_CHECK_WAIT_MS);
    }
  }

  nextAt(): number | undefined {
    return this.#deadlines.nextAt();
  }

  /** @returns what is to be sent again, and what nobody answered, which is forgotten */
  takeDue(now: number): DueChecks {
    const resent: PendingCheck[] = [];
    const expired: PendingCheck[] = [];
    for (let due = this.#deadlines.takeDue(now); due; due = this.#deadlines.takeDue(now)) {
      if (due.rtoMs === undefined || due.isCancelled || due.sends >= MAX_SENDS) {
        this.#pending.delete(due.key);
        expired.push(due);
      } else {
        this.#deadlines.set(due, now + waitAfter(due, due.rtoMs));
        due.sends += 1;
        resent.push(due);
      }
    }
    return { resent, expired };
  }
}

/**
 * Departs from RFC 8489 §6.2.1, as RFC 8445 §14.3 allows: the first waits are not doubled, and none on a path that is
 * known to work, for every one is a silence that somebody hears, and a few packets a second are no load.
 *
 * @param check - before it is sent again
 */
function waitAfter({ sends, isNominating }: PendingCheck, rtoMs: number): number {
  if (sends + 1 >= MAX_SENDS) return LAST_WAIT_RTOS * rtoMs;
  return isNominating ? rtoMs : rtoMs * 2 ** Math.max(0, sends - EVEN_WAITS);
}
