// The virtual clock: time moves only from one deadline to the next.
import { type CancelTimer, type Clock, DeadlineQueue } from '../../core/index.ts';

interface Task {
  readonly fire: () => void;
}

/** Where virtual time starts. Not zero, so that nobody takes "no time" for "the beginning". */
export const VIRTUAL_START_MS = 10_000;

/** The wall clock at the start of every world: 2026-01-01T00:00:00Z. */
export const VIRTUAL_WALL_CLOCK_START_MS = Date.UTC(2026, 0, 1);

/** All deadlines of a world, in order of time; ties go to who came first. */
export class Scheduler implements Clock {
  readonly #queue = new DeadlineQueue<Task>();
  #now = VIRTUAL_START_MS;

  now(): number {
    return this.#now;
  }

  wallClock(): number {
    return VIRTUAL_WALL_CLOCK_START_MS + this.#now - VIRTUAL_START_MS;
  }

  /** Number of deadlines ahead: timers and whatever is under way in the network. */
  get size(): number {
    return this.#queue.size;
  }

  nextAt(): number | undefined {
    return this.#queue.nextAt();
  }

  /** Calls `fire` once at `at`, or as the next thing where that is past; never within this call. */
  schedule(at: number, fire: () => void): CancelTimer {
    const task: Task = { fire };
    // NaN would stay at the head of the heap for ever.
    this.#queue.set(task, Number.isNaN(at) ? this.#now : Math.max(at, this.#now));
    return () => this.#queue.clear(task);
  }

  /** Moves time to the earliest deadline and fires it. @returns whether there was one, not later than `limitAt` */
  fireNext(limitAt: number): boolean {
    const at = this.#queue.nextAt();
    if (at === undefined || at > limitAt) return false;
    this.#now = at;
    this.#queue.takeDue(at)?.fire();
    return true;
  }

  /** Lets time pass without an event. */
  moveTo(at: number): void {
    if (at > this.#now) this.#now = at;
  }
}
