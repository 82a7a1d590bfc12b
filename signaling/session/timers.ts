// The named timers of sessions: a table each, one deadline a session, one real timer a user agent.
import { DeadlineQueue, Driver, type Runtime, type TimedMachine, TimerTable } from '../../core/index.ts';

/** Keeps the next deadline of every session. */
export class TimerScheduler implements TimedMachine {
  readonly #queue = new DeadlineQueue<Timed>();
  readonly #driver: Driver;

  constructor(runtime: Runtime) {
    this.#driver = new Driver(runtime, this, () => {});
  }

  /** Sessions that wait for something. */
  get size(): number {
    return this.#queue.size;
  }

  nextTimeoutAt(): number | undefined {
    return this.#queue.nextAt();
  }

  handleTimeout(now: number): void {
    for (let due = this.#queue.takeDue(now); due; due = this.#queue.takeDue(now)) due.handleTimeout(now);
  }

  /** Sets or clears the deadline of an owner, which says what it is once it knows what time it is. */
  schedule(owner: Timed, deadlineAt: (now: number) => number | undefined): void {
    this.#driver.run((now) => this.#queue.set(owner, deadlineAt(now)));
  }

  close(): void {
    this.#driver.close();
  }
}

interface Timed {
  handleTimeout(now: number): void;
}

/** The timers of one session. */
export class SessionTimers<Name extends string> implements Timed {
  readonly #scheduler: TimerScheduler;
  readonly #guard: (work: () => void) => void;
  readonly #table = new TimerTable<Name>();
  readonly #actions = new Map<Name, () => void>();

  /** @param guard - runs what a timer does, and catches what it throws */
  constructor(scheduler: TimerScheduler, guard: (work: () => void) => void) {
    this.#scheduler = scheduler;
    this.#guard = guard;
  }

  set(name: Name, delayMs: number, fire: () => void): void {
    this.#actions.set(name, fire);
    this.#scheduler.schedule(this, (now) => {
      this.#table.set(name, now + delayMs);
      return this.#table.nextAt();
    });
  }

  clear(name: Name): void {
    if (!this.#table.isSet(name)) return;
    this.#table.clear(name);
    this.#actions.delete(name);
    this.#scheduler.schedule(this, () => this.#table.nextAt());
  }

  clearAll(): void {
    if (this.#table.size === 0) return;
    this.#table.clearAll();
    this.#actions.clear();
    this.#scheduler.schedule(this, () => undefined);
  }

  handleTimeout(now: number): void {
    const name = this.#table.takeDue(now);
    const action = name === undefined ? undefined : this.#actions.get(name);
    if (name !== undefined) this.#actions.delete(name);
    // The next one is armed first: what this one does may fail.
    this.#scheduler.schedule(this, () => this.#table.nextAt());
    if (action) this.#guard(action);
  }
}
