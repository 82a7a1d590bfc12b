// The running timers of one transaction: at most one that repeats (A, E, G, or the wait for 100) and one that ends a wait.
import { T1, type TimerName, TRYING_DELAY_MS, type WaitTimer, waitMs } from './timers.ts';

const NEVER = Number.POSITIVE_INFINITY;

export type RunningTimer = TimerName | 'timerTrying';

/** Kept as plain fields, for there is one of these for every transaction. */
export class TransactionTimers {
  /** Whether the transport delivers without our help: then nothing is ever repeated. */
  readonly isReliable: boolean;
  #repeating: RunningTimer | undefined;
  #repeatAt = NEVER;
  #intervalMs = 0;
  #waiting: WaitTimer | undefined;
  #waitAt = NEVER;

  constructor(isReliable: boolean) {
    this.isReliable = isReliable;
  }

  /** RFC 3261 §17.1.1.2, §17.1.2.2, §17.2.1: A, E and G start at T1, and only over an unreliable transport. */
  startRepeating(now: number, timer: 'timerA' | 'timerE' | 'timerG'): void {
    if (this.isReliable) return;
    this.#repeating = timer;
    this.#intervalMs = T1;
    this.#repeatAt = now + T1;
  }

  /** Doubles the interval, up to `longestMs`, and starts the timer anew. */
  repeat(now: number, timer: 'timerA' | 'timerE' | 'timerG', longestMs: number): void {
    this.#repeating = timer;
    this.#intervalMs = Math.min(2 * this.#intervalMs, longestMs);
    this.#repeatAt = now + this.#intervalMs;
  }

  /** Starts the timer anew, with this interval from now on. */
  repeatAfter(now: number, timer: 'timerE', intervalMs: number): void {
    this.#repeating = timer;
    this.#intervalMs = intervalMs;
    this.#repeatAt = now + intervalMs;
  }

  /** Starts the wait after which an INVITE without an answer gets a 100 (RFC 3261 §17.2.1). */
  startTrying(now: number): void {
    this.#repeating = 'timerTrying';
    this.#repeatAt = now + TRYING_DELAY_MS;
  }

  startWait(now: number, timer: WaitTimer): void {
    this.#waiting = timer;
    this.#waitAt = now + waitMs(timer, this.isReliable);
  }

  stopTimers(): void {
    this.#repeatAt = NEVER;
    this.#waitAt = NEVER;
  }

  /** Infinity where no timer runs. */
  nextTimerAt(): number {
    return Math.min(this.#repeatAt, this.#waitAt);
  }

  /** Stops and returns a timer that is due. An ended wait goes first: there is no use in one more repetition. */
  takeDueTimer(now: number): RunningTimer | undefined {
    if (this.#waitAt <= now) {
      this.#waitAt = NEVER;
      return this.#waiting;
    }
    if (this.#repeatAt <= now) {
      this.#repeatAt = NEVER;
      return this.#repeating;
    }
    return undefined;
  }
}
