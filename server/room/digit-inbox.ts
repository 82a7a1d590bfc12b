// Digits that wait to be read, one after the other.
import { type Runtime, sleep } from '../../core/index.ts';

/** More than any PIN has; what comes beyond is lost, so that nobody fills our memory by holding a key. */
const MAX_WAITING = 32;

export class DigitInbox {
  readonly #runtime: Runtime;
  readonly #signal: AbortSignal;
  readonly #waiting: string[] = [];
  #wake: () => void = () => {};

  /** @param signal - aborted when no more digits will come */
  constructor(runtime: Runtime, signal: AbortSignal) {
    this.#runtime = runtime;
    this.#signal = signal;
  }

  push(digit: string): void {
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push(digit);
    this.#wake();
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  /** The next digit; undefined where none came in time, or none will come. */
  async next(limitMs: number): Promise<string | undefined> {
    if (this.#waiting.length === 0 && !this.#signal.aborted) {
      const arrived = new AbortController();
      this.#wake = () => arrived.abort();
      await sleep(this.#runtime, limitMs, AbortSignal.any([this.#signal, arrived.signal]));
      this.#wake = () => {};
    }
    return this.#waiting.shift();
  }
}
