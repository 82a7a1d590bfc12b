// How long our packets wait in queues: the round trip above the least of late.

/** The least is that of this time at most, and half of it at least: routes change. */
const WINDOW_MS = 60_000;

export class QueueEstimate {
  #least = Number.POSITIVE_INFINITY;
  #leastBefore = Number.POSITIVE_INFINITY;
  #halfStartedAt: number | undefined;

  /** @returns milliseconds over the least round trip; the first measurement is its own least */
  take(now: number, roundTripMs: number): number {
    this.#halfStartedAt ??= now;
    if (now - this.#halfStartedAt >= WINDOW_MS / 2) {
      this.#leastBefore = this.#least;
      this.#least = Number.POSITIVE_INFINITY;
      this.#halfStartedAt = now;
    }
    this.#least = Math.min(this.#least, roundTripMs);
    return roundTripMs - Math.min(this.#least, this.#leastBefore);
  }
}
