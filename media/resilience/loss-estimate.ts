// The share of our packets that the way loses: believed at once when it rises, forgotten slowly.

/** A report of so many packets, one second of sound, counts in full; of fewer in part, for it says less. */
const TELLING_PACKETS = 50;
/** Time constant of the fall: a way that lost a moment ago will lose again. */
const FALL_MS = 12_000;
/** A report after a longer silence counts as one after this. */
const MAX_INTERVAL_MS = 10_000;

export class LossEstimate {
  #ratio = 0;
  #reportedAt: number | undefined;

  /** 0 to 1. */
  get ratio(): number {
    return this.#ratio;
  }

  /** @param lossRatio - of `packets` packets */
  take(now: number, lossRatio: number, packets: number): void {
    if (packets === 0) return;
    const intervalMs = Math.min(MAX_INTERVAL_MS, now - (this.#reportedAt ?? now));
    this.#reportedAt = now;
    const weight =
      lossRatio > this.#ratio ? Math.min(1, packets / TELLING_PACKETS) : 1 - Math.exp(-intervalMs / FALL_MS);
    this.#ratio += weight * (lossRatio - this.#ratio);
  }
}
