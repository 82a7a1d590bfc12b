// How much may pass in a second: a bucket that fills evenly, and holds a second's worth.

export class TokenBucket {
  readonly #perMs: number;
  readonly #capacity: number;
  #tokens: number;
  #filledAt = Number.NEGATIVE_INFINITY;

  /** @param perSecond - what may be taken in a second, and at once after a rest */
  constructor(perSecond: number) {
    this.#perMs = perSecond / 1000;
    this.#capacity = perSecond;
    this.#tokens = perSecond;
  }

  /** @returns false where so much is not there; then nothing is taken */
  take(now: number, count: number): boolean {
    if (now > this.#filledAt) {
      const filled = this.#tokens + (now - this.#filledAt) * this.#perMs;
      this.#tokens = Math.min(this.#capacity, filled);
      this.#filledAt = now;
    }
    if (count > this.#tokens) return false;
    this.#tokens -= count;
    return true;
  }
}
