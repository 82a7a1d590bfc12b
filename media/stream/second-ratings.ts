// How good each second of what arrives sounds.
import {
  burstRatioOf,
  codecImpairment,
  type OrderedLosses,
  type PlayoutStatistics,
  type QualityHistory,
  type Rating,
  RatingHistory,
  rate,
} from '../quality/index.ts';

export interface SecondRatingsOptions {
  /** Whether losses are concealed: decides the impairment of G.711. */
  readonly concealment: boolean;
  /** What plays the packets; none in a relay. */
  readonly playout?: PlayoutStatistics;
  /** Round trip to the sender; null while nobody knows it. */
  roundTripMs?(): number | null;
}

/** What was counted since the beginning. */
export interface CountsSoFar {
  readonly encoding: string | undefined;
  readonly expected: number;
  readonly received: number;
  /** Undefined where nothing was ever missing. */
  readonly losses: OrderedLosses | undefined;
}

export class SecondRatings {
  readonly #options: SecondRatingsOptions;
  readonly #history = new RatingHistory();
  #expected = 0;
  #received = 0;
  #unplayed = 0;
  #lost = 0;
  #lossRuns = 0;
  /** Seconds in which packets came, and the packets expected in them. */
  #activeSeconds = 0;
  #activePackets = 0;

  constructor(options: SecondRatingsOptions) {
    this.#options = options;
  }

  /** The mean time of a packet, over the seconds in which some came; undefined before the first is over. */
  get packetMs(): number | undefined {
    return this.#activePackets === 0 ? undefined : (1000 * this.#activeSeconds) / this.#activePackets;
  }

  /** A second is over, and as many more in which nothing came. */
  close(counts: CountsSoFar, silentSeconds: number): void {
    const expected = counts.expected - this.#expected;
    this.#history.add(this.#rate(counts, expected));
    if (silentSeconds > 0) this.#history.add(null, silentSeconds);
    this.#expected = counts.expected;
    this.#received = counts.received;
    if (expected <= 0) return;
    this.#activeSeconds += 1;
    this.#activePackets += expected;
  }

  history(): QualityHistory {
    return this.#history.values();
  }

  #rate(counts: CountsSoFar, expected: number): Rating | null {
    const { playout, concealment, roundTripMs } = this.#options;
    const lost = expected - (counts.received - this.#received);
    const unplayed = (playout?.discarded ?? 0) - (playout?.recovered ?? 0);
    const notHeard = lost + unplayed - this.#unplayed;
    this.#unplayed = unplayed;
    const burstRatio = this.#burstRatio(counts.losses, expected);
    const codec = codecImpairment(counts.encoding ?? '', concealment);
    if (!codec || expected <= 0) return null;
    const lossRatio = Math.min(1, Math.max(0, notHeard / expected));
    const roundTrip = roundTripMs?.() ?? null;
    const oneWayMs = roundTrip === null ? null : roundTrip / 2 + (playout?.delayMs ?? 0);
    return rate({ codec, lossRatio, burstRatio, oneWayMs });
  }

  #burstRatio(losses: OrderedLosses | undefined, expected: number): number {
    if (!losses) return 1;
    const { lost, lossRuns } = losses;
    const ratio = burstRatioOf(lost - this.#lost, lossRuns - this.#lossRuns, expected);
    this.#lost = lost;
    this.#lossRuns = lossRuns;
    return ratio;
  }
}
