// Delays of millions of packets in one typed array: 10 µs steps up to a second.

const STEPS_PER_MS = 100;
const LIMIT_MS = 1000;

export class DelayHistogram {
  readonly #counts = new Uint32Array(LIMIT_MS * STEPS_PER_MS + 1);
  #total = 0;

  add(delayMs: number): void {
    const step = Math.min(LIMIT_MS * STEPS_PER_MS, Math.max(0, Math.floor(delayMs * STEPS_PER_MS)));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#total += 1;
  }

  /** @param share - 0 to 1. @returns milliseconds; NaN where nothing was added */
  quantile(share: number): number {
    let left = Math.ceil(this.#total * share);
    if (left === 0) return Number.NaN;
    for (const [step, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return step / STEPS_PER_MS;
    }
    return LIMIT_MS;
  }
}
