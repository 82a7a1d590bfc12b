// How much delay a stream is worth: the distribution of delays, and the point on it that impairs a call least.
import { type CodecImpairment, codecImpairment, delayImpairment, lossImpairment } from '../quality/index.ts';

/** What lateness costs; the receiver's codecs all conceal about as well as G.711 with its appendix I. */
const CODEC: CodecImpairment = codecImpairment('pcmu', true) ?? { ie: 0, bpl: 25.1 };

/** Figures that were tuned on one half of the traces of `bench:jitter` and proven on the other. */
export interface DelayEstimatorOptions {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** What the rest of the way takes: packetisation, network, sound card. */
  readonly pathDelayMs?: number;
  /** Rating points that a millisecond costs even where ITU-T G.107 calls it free. */
  readonly costPerMs?: number;
  /** Packets after which a delay counts for half: the short memory and the long one. */
  readonly shortMemory?: number;
  readonly longMemory?: number;
  readonly shortWeight?: number;
}

export class DelayEstimator {
  readonly #min: number;
  readonly #max: number;
  readonly #short: Histogram;
  readonly #long: Histogram;
  readonly #shortWeight: number;
  readonly #costOfDelay: Float64Array;
  #targetMs: number;

  constructor(options: DelayEstimatorOptions) {
    const { minDelayMs, maxDelayMs, pathDelayMs = 100, costPerMs = 0.02 } = options;
    this.#min = minDelayMs;
    this.#max = maxDelayMs;
    this.#short = new Histogram(maxDelayMs + 1, options.shortMemory ?? 50);
    this.#long = new Histogram(maxDelayMs + 1, options.longMemory ?? 1000);
    this.#shortWeight = options.shortWeight ?? 0.5;
    this.#costOfDelay = Float64Array.from(
      { length: maxDelayMs + 1 },
      (_, delayMs) => delayImpairment(pathDelayMs + delayMs) + costPerMs * delayMs,
    );
    this.#targetMs = Math.max(minDelayMs, Math.min(maxDelayMs, 60));
  }

  get targetMs(): number {
    return this.#targetMs;
  }

  /** @param delayMs - how much longer the packet took than the fastest do */
  add(delayMs: number): void {
    const bin = Math.min(this.#max, Math.ceil(delayMs));
    this.#short.add(bin);
    this.#long.add(bin);
    this.#targetMs = this.#cheapest();
  }

  /** From the longest delay down, so that the share of late packets is summed on the way. */
  #cheapest(): number {
    let lateShort = 0;
    let lateLong = 0;
    let best = this.#max;
    let least = Number.POSITIVE_INFINITY;
    for (let delayMs = this.#max; delayMs >= this.#min; delayMs -= 1) {
      const late = this.#shortWeight * lateShort + (1 - this.#shortWeight) * lateLong;
      const cost = (this.#costOfDelay[delayMs] ?? 0) + lossImpairment(CODEC, late);
      if (cost < least) {
        least = cost;
        best = delayMs;
      }
      lateShort += this.#short.shareOf(delayMs);
      lateLong += this.#long.shareOf(delayMs);
    }
    return best;
  }
}

/** Shares that are forgotten exponentially: newer ones weigh more, so that adding touches one bin. */
class Histogram {
  readonly #weights: Float64Array;
  readonly #growth: number;
  #unit = 1;
  #sum = 0;

  constructor(bins: number, memory: number) {
    this.#weights = new Float64Array(bins);
    this.#growth = 2 ** (1 / memory);
  }

  add(bin: number): void {
    this.#weights[bin] = (this.#weights[bin] ?? 0) + this.#unit;
    this.#sum += this.#unit;
    this.#unit *= this.#growth;
    if (this.#unit > 1e100) this.#rescale();
  }

  shareOf(bin: number): number {
    return (this.#weights[bin] ?? 0) / this.#sum;
  }

  #rescale(): void {
    for (let bin = 0; bin < this.#weights.length; bin += 1) {
      this.#weights[bin] = (this.#weights[bin] ?? 0) / this.#unit;
    }
    this.#sum /= this.#unit;
    this.#unit = 1;
  }
}
