// Gives a sans-I/O machine its one real timer.
import type { CancelTimer, Runtime } from './runtime.ts';

/** The part of a machine that its driver needs. */
export interface TimedMachine {
  /** When the machine next wants {@link TimedMachine.handleTimeout}; undefined means never. */
  nextTimeoutAt(): number | undefined;
  handleTimeout(now: number): void;
}

/**
 * Runs one machine: feeds it an input, drains its outputs, arms one timer for its next deadline.
 *
 * @example driver.run((now) => machine.handleDatagram(now, bytes))
 */
export class Driver {
  readonly #runtime: Runtime;
  readonly #machine: TimedMachine;
  readonly #drain: (now: number) => void;
  #cancelTimer: CancelTimer | undefined;
  #armedFor: number | undefined;
  #depth = 0;
  #closed = false;

  /** @param drain - takes the machine's outputs; called after every input, never within one */
  constructor(runtime: Runtime, machine: TimedMachine, drain: (now: number) => void) {
    this.#runtime = runtime;
    this.#machine = machine;
    this.#drain = drain;
  }

  /** Hands one input to the machine. An input that comes while outputs are drained joins that drain. */
  run<Result>(input: (now: number) => Result): Result {
    const now = this.#runtime.clock.now();
    this.#depth += 1;
    try {
      const result = input(now);
      if (this.#depth === 1) this.#drain(now);
      return result;
    } finally {
      this.#depth -= 1;
      if (this.#depth === 0) this.#arm();
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #arm(): void {
    if (this.#closed) return;
    const at = this.#machine.nextTimeoutAt();
    if (at === this.#armedFor) return;
    // A timer that fires early finds nothing due and arms itself anew: cheaper than moving it with every packet.
    if (at !== undefined && this.#armedFor !== undefined && at > this.#armedFor) return;
    this.#cancelTimer?.();
    this.#armedFor = at;
    this.#cancelTimer = at === undefined ? undefined : this.#runtime.setTimer(at, () => this.#fire());
  }

  #fire(): void {
    this.#armedFor = undefined;
    this.#cancelTimer = undefined;
    this.run((now) => this.#machine.handleTimeout(now));
  }
}
