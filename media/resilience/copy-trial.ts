// Whether copies have made loss worse: a way that drops instead of queueing shows only by this that it is full.
import type { Reception } from './types.ts';

/** Reports that judge: about ten seconds. */
const REPORTS = 5;
/** Standard deviations between the two shares that chance is believed to make; more is the copies' doing. */
const CHANCE_DEVIATIONS = 2.5;

/** Compares what was lost without copies with what is lost since they are sent. */
export class CopyTrial {
  readonly #before: Reception;
  #reportsLeft = REPORTS;
  #packets = 0;
  #lost = 0;

  /** @param before - the last report without the copies */
  constructor(before: Reception) {
    this.#before = before;
  }

  /** @returns whether more is lost than without the copies, and more than by chance; false when the trial is over */
  take({ lossRatio, packets }: Reception): boolean {
    if (this.#reportsLeft === 0) return false;
    this.#reportsLeft -= 1;
    this.#packets += packets;
    this.#lost += lossRatio * packets;
    return this.#packets > 0 && this.#isWorse(this.#lost / this.#packets);
  }

  /** Two shares, each of a number of packets: the test of their difference by the share of both together. */
  #isWorse(lossRatio: number): boolean {
    const { lossRatio: lossBefore, packets: packetsBefore } = this.#before;
    const all = packetsBefore + this.#packets;
    const pooled = (lossBefore * packetsBefore + this.#lost) / all;
    const variance = pooled * (1 - pooled) * (1 / Math.max(1, packetsBefore) + 1 / this.#packets);
    return lossRatio - lossBefore > CHANCE_DEVIATIONS * Math.sqrt(variance);
  }
}
