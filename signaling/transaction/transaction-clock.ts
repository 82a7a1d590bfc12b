// Runs the timers of all transactions of one table.
import { DeadlineQueue } from '../../core/index.ts';
import { T1, type TimerName, TRYING_DELAY_MS, type WaitTimer, waitMs } from './timers.ts';
import { type Waiter, type WaitLine, WaitQueue } from './wait-queue.ts';

export type RunningTimer = TimerName | 'timerTrying';

/** Timers that send again (RFC 3261 §17). */
export type RepeatingTimer = 'timerA' | 'timerE' | 'timerG';

/**
 * The timers of one transaction: at most one that repeats (A, E, G, or the wait for 100) and one that ends a wait.
 * Plain fields, and no object for a timer, since there is one of these for every transaction.
 */
export class TransactionTimers<Self> implements Waiter<Self> {
  /** Whether the transport delivers without our help: then nothing is ever repeated. */
  readonly isReliable: boolean;
  repeatTimer: RunningTimer | undefined = undefined;
  intervalMs = 0;
  waitTimer: WaitTimer | undefined = undefined;
  waitAt = 0;
  previousWaiter: Self | undefined = undefined;
  nextWaiter: Self | undefined = undefined;
  waitLine: WaitLine<Self> | undefined = undefined;

  constructor(isReliable: boolean) {
    this.isReliable = isReliable;
  }
}

/** The waits, nearly all of which run to their end or are replaced, are queues; the few repetitions share a heap. */
export class TransactionClock<Owner extends TransactionTimers<Owner>> {
  readonly #waits = new WaitQueue<Owner>();
  readonly #repeats = new DeadlineQueue<Owner>();

  /** RFC 3261 §17.1.1.2, §17.1.2.2, §17.2.1: A, E and G start at T1, and only over an unreliable transport. */
  startRepeating(owner: Owner, now: number, timer: RepeatingTimer): void {
    if (!owner.isReliable) this.repeatAfter(owner, now, timer, T1);
  }

  /** Doubles the interval, up to `longestMs`, and starts the timer anew. */
  repeat(owner: Owner, now: number, timer: RepeatingTimer, longestMs: number): void {
    this.repeatAfter(owner, now, timer, Math.min(2 * owner.intervalMs, longestMs));
  }

  /** Starts the timer, with this interval from now on. */
  repeatAfter(owner: Owner, now: number, timer: RunningTimer, intervalMs: number): void {
    owner.repeatTimer = timer;
    owner.intervalMs = intervalMs;
    this.#repeats.set(owner, now + intervalMs);
  }

  /** Starts the wait after which an INVITE without an answer gets a 100 (RFC 3261 §17.2.1). */
  startTrying(owner: Owner, now: number): void {
    this.repeatAfter(owner, now, 'timerTrying', TRYING_DELAY_MS);
  }

  /** @returns false where the wait is over at once, and nothing was started */
  startWait(owner: Owner, now: number, timer: WaitTimer): boolean {
    const lengthMs = waitMs(timer, owner.isReliable);
    if (lengthMs === 0) return false;
    owner.waitTimer = timer;
    this.#waits.start(owner, now, lengthMs);
    return true;
  }

  /** Stops all timers of the transaction. */
  stop(owner: Owner): void {
    this.#waits.stop(owner);
    if (owner.repeatTimer === undefined) return;
    owner.repeatTimer = undefined;
    this.#repeats.clear(owner);
  }

  nextAt(): number | undefined {
    const wait = this.#waits.nextAt();
    const repeat = this.#repeats.nextAt();
    if (wait === undefined) return repeat;
    return repeat === undefined ? wait : Math.min(wait, repeat);
  }

  /** Fires every timer that is due. An ended wait goes first: there is no use in one more repetition. */
  fireDue(now: number, fire: (owner: Owner, timer: RunningTimer) => void): void {
    for (let owner = this.#waits.takeDue(now); owner; owner = this.#waits.takeDue(now)) {
      if (owner.waitTimer) fire(owner, owner.waitTimer);
    }
    for (let owner = this.#repeats.takeDue(now); owner; owner = this.#repeats.takeDue(now)) {
      const timer = owner.repeatTimer;
      owner.repeatTimer = undefined;
      if (timer) fire(owner, timer);
    }
  }
}
