// How much delay a stream is worth: the distribution of delays, and the point on it that impairs a call least.
import { codecImpairment, delayImpairment, lossImpairment } from '../quality/index.ts';

/** What lateness costs: the codecs here conceal about as well as G.711 does with its appendix I. */
const CODEC = codecImpairment('pcmu', true) ?? { ie: 0, bpl: 25.1 };

// The figures below were searched on every other trace of `bench:jitter`; the last choice, among a hundred, saw them all.

/** What the rest of the way takes: packetisation, a network within one country, sound cards. */
const PATH_DELAY_MS = 50;
/** Rating points that a millisecond costs even where ITU-T G.107 calls it free, so that none is spent for nothing. */
const COST_PER_MS = 0.03;
/** Packets after which a delay counts for half: what happens just now, and what this network is like. */
const SHORT_MEMORY = 12;
const LONG_MEMORY = 200;
/** How much of the late share is taken from the short memory. */
const SHORT_WEIGHT = 0.85;
/** Where none of as many packets was fast, a queue stands in the network, and the next will meet it too. */
const QUEUE_PACKETS = 4;
/** Less is jitter like any; and what a packet may come later than the queue has shown. */
const QUEUE_MARGIN_MS = 20;
/** The target is reviewed with every late packet, and else no oftener than this: it is the dearest part of a packet. */
const REVIEW_PACKETS = 4;
const START_MS = 60;

export interface DelayEstimatorOptions {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/** Chooses the delay at which impairment by delay (Idd) and by late packets (Ie-eff) is least (ITU-T G.107 §7.4, §7.5). */
export class DelayEstimator {
  readonly #min: number;
  readonly #max: number;
  readonly #short: DelayHistogram;
  readonly #long: DelayHistogram;
  /** Of each millisecond of delay. */
  readonly #costOfDelay: Float64Array;
  readonly #latest = new Float64Array(QUEUE_PACKETS);
  #count = 0;
  #targetMs: number;

  constructor({ minDelayMs, maxDelayMs }: DelayEstimatorOptions) {
    this.#min = Math.floor(minDelayMs);
    this.#max = Math.floor(maxDelayMs);
    // One bin more for what is too late for any delay.
    this.#short = new DelayHistogram(this.#max + 2, SHORT_MEMORY);
    this.#long = new DelayHistogram(this.#max + 2, LONG_MEMORY);
    this.#costOfDelay = Float64Array.from(
      { length: this.#max + 1 },
      (_, delayMs) => delayImpairment(PATH_DELAY_MS + delayMs) + COST_PER_MS * delayMs,
    );
    this.#targetMs = Math.max(this.#min, Math.min(this.#max, START_MS));
  }

  /** The delay to play at, in milliseconds behind the fastest packets. */
  get targetMs(): number {
    return this.#targetMs;
  }

  /** @param delayMs - how much longer the packet took than the fastest do */
  add(delayMs: number): void {
    const bin = Math.min(this.#max + 1, Math.ceil(delayMs));
    this.#short.add(bin);
    this.#long.add(bin);
    this.#latest[this.#count % QUEUE_PACKETS] = delayMs;
    this.#count += 1;
    if (delayMs <= this.#targetMs && this.#count % REVIEW_PACKETS !== 0) return;
    this.#targetMs = Math.max(this.#cheapest(), this.#behindQueue());
  }

  /**
   * From the longest delay down, so that the share of late packets is summed on the way. What is beyond the slowest packet
   * is only dearer.
   */
  #cheapest(): number {
    let lateShort = this.#short.shareOf(this.#max + 1);
    let lateLong = this.#long.shareOf(this.#max + 1);
    const slowest = Math.max(this.#short.highest, this.#long.highest);
    const longest = Math.max(this.#min, Math.min(this.#max, slowest));
    let best = longest;
    let least = Number.POSITIVE_INFINITY;
    for (let delayMs = longest; delayMs >= this.#min; delayMs -= 1) {
      const late = SHORT_WEIGHT * lateShort + (1 - SHORT_WEIGHT) * lateLong;
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

  /** Beyond the greatest delay too, for less would play nothing at all. */
  #behindQueue(): number {
    if (this.#count < QUEUE_PACKETS) return 0;
    let queueMs = Number.POSITIVE_INFINITY;
    for (const delayMs of this.#latest) queueMs = Math.min(queueMs, delayMs);
    return queueMs > QUEUE_MARGIN_MS ? queueMs + QUEUE_MARGIN_MS : 0;
  }
}

/** Of a share that weighs no more, nothing is left to choose by; the newest has 1. */
const FORGOTTEN = 1e-30;

/** Shares by millisecond, forgotten exponentially: newer ones weigh more, so that adding touches one bin. */
class DelayHistogram {
  readonly #weights: Float64Array;
  readonly #growth: number;
  /** No bin above has anything. */
  highest = 0;
  #unit = 1;
  #sum = 0;

  /** @param memory - additions after which one counts for half */
  constructor(bins: number, memory: number) {
    this.#weights = new Float64Array(bins);
    this.#growth = 2 ** (1 / memory);
  }

  add(bin: number): void {
    this.#weights[bin] = (this.#weights[bin] ?? 0) + this.#unit;
    if (bin > this.highest) this.highest = bin;
    this.#sum += this.#unit;
    this.#unit *= this.#growth;
    // Far below the end of the numbers.
    if (this.#unit > 1e100) this.#rescale();
  }

  shareOf(bin: number): number {
    return (this.#weights[bin] ?? 0) / this.#sum;
  }

  #rescale(): void {
    const { length } = this.#weights;
    for (let bin = 0; bin < length; bin += 1) this.#weights[bin] = (this.#weights[bin] ?? 0) / this.#unit;
    this.highest = this.#weights.findLastIndex((weight) => weight > FORGOTTEN);
    this.#sum /= this.#unit;
    this.#unit = 1;
  }
}
