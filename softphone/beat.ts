// The beat of a call: 20 ms, or what its far end wishes for.
import type { CancelTimer, Runtime } from '../core/index.ts';

/** After a stall of the process at most this many beats are made up for; the rest is let go. */
const MOST_CAUGHT_UP = 5;

export interface BeatOptions {
  readonly periodMs: number;
  readonly onBeat: (now: number) => void;
}

/**
 * Calls `onBeat` at `start + n * periodMs`: the schedule is absolute, so that a late timer shortens the next wait and
 * nothing drifts. A stall is followed by a few beats at once, so that the far end gets its packets, but never by many.
 */
export class Beat {
  readonly #runtime: Runtime;
  readonly #onBeat: BeatOptions['onBeat'];
  /** May change: the next beat then comes when it was due, and those behind it at the new distance. */
  periodMs: number;
  #nextAt = 0;
  #cancelTimer: CancelTimer | undefined;
  #skipped = 0;

  constructor(runtime: Runtime, options: BeatOptions) {
    this.#runtime = runtime;
    this.#onBeat = options.onBeat;
    this.periodMs = options.periodMs;
  }

  /** Beats that a stall has cost. */
  get skipped(): number {
    return this.#skipped;
  }

  get isRunning(): boolean {
    return this.#cancelTimer !== undefined;
  }

  /** The first beat comes at once, with the next turn of the timer. */
  start(): void {
    if (this.isRunning) return;
    this.#nextAt = this.#runtime.clock.now();
    this.#arm();
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #arm(): void {
    this.#cancelTimer = this.#runtime.setTimer(this.#nextAt, () => this.#fire());
  }

  #fire(): void {
    const now = this.#runtime.clock.now();
    const { periodMs } = this;
    const due = Math.floor((now - this.#nextAt) / periodMs) + 1;
    const kept = Math.max(0, Math.min(due, MOST_CAUGHT_UP));
    this.#skipped += Math.max(0, due) - kept;
    this.#nextAt += Math.max(0, due) * periodMs;
    for (let i = 0; i < kept && this.isRunning; i += 1) this.#onBeat(now);
    if (this.isRunning) this.#arm();
  }
}
