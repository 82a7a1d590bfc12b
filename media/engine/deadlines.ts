// What waits for its time in an engine: legs, players, conversions, rooms, recordings; all on one timer.
import { DeadlineQueue, Driver, type Runtime, type TimedMachine } from '../../core/index.ts';

export class Deadlines {
  readonly #queue = new DeadlineQueue<TimedMachine>();
  readonly #driver: Driver;
  readonly #onFault: (due: TimedMachine, error: unknown) => void;

  /** @param onFault - what threw has no further deadline */
  constructor(runtime: Runtime, onFault: (due: TimedMachine, error: unknown) => void) {
    this.#onFault = onFault;
    const machine: TimedMachine = {
      nextTimeoutAt: () => this.#queue.nextAt(),
      handleTimeout: (now) => this.#handleTimeout(now),
    };
    this.#driver = new Driver(runtime, machine, () => {});
  }

  get size(): number {
    return this.#queue.size;
  }

  /** Gives an input to something that waits, after which the timer is what it should be. */
  run<Result>(input: (now: number) => Result): Result {
    return this.#driver.run(input);
  }

  /** Something begins to wait, or its deadline has moved; of its own accord, not within {@link Deadlines.run}. */
  watch(timed: TimedMachine): void {
    this.#driver.run(() => this.rearm(timed));
  }

  /** The same within an input. */
  rearm(timed: TimedMachine): void {
    this.#queue.set(timed, timed.nextTimeoutAt());
  }

  clear(timed: TimedMachine): void {
    this.#queue.clear(timed);
  }

  close(): void {
    this.#driver.close();
  }

  #handleTimeout(now: number): void {
    for (let due = this.#queue.takeDue(now); due; due = this.#queue.takeDue(now)) {
      try {
        due.handleTimeout(now);
        this.rearm(due);
      } catch (error) {
        this.#queue.clear(due);
        this.#onFault(due, error);
      }
    }
  }
}
