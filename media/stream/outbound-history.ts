// How good what we send sounds at the party, by its reports: each tells of the time since the one before.
import { codecImpairment, type QualityHistory, RatingHistory, rate } from '../quality/index.ts';

const SECOND_MS = 1000;

/** What a report says of our stream since its beginning. */
export interface ReportedSoFar {
  readonly encoding: string | undefined;
  readonly expected: number;
  readonly lost: number;
  /** Of the expected ones since the report before, by its own word, where the totals cannot be true: 0 to 1. */
  readonly fractionLost: number;
  readonly oneWayMs: number | null;
}

export class OutboundHistory {
  readonly #history = new RatingHistory();
  #ratedUntil: number | undefined;
  #expected = 0;
  #lost = 0;

  /** Our first packet goes out. */
  start(now: number): void {
    this.#ratedUntil ??= now;
  }

  /** Rates the whole seconds since the last report that rated some; without a whole one it waits for the next report. */
  handleReport(now: number, report: ReportedSoFar): void {
    if (this.#ratedUntil === undefined) return;
    const seconds = Math.floor((now - this.#ratedUntil) / SECOND_MS);
    if (seconds < 1) return;
    const codec = codecImpairment(report.encoding ?? '', true);
    const lossRatio = this.#lossRatioSince(report);
    const { oneWayMs } = report;
    const rating = codec && lossRatio !== null ? rate({ codec, lossRatio, burstRatio: 1, oneWayMs }) : null;
    this.#history.add(rating, seconds);
    this.#ratedUntil += seconds * SECOND_MS;
    this.#expected = report.expected;
    this.#lost = report.lost;
  }

  values(): QualityHistory {
    return this.#history.values();
  }

  /** Null where no packet was expected. */
  #lossRatioSince({ expected, lost, fractionLost }: ReportedSoFar): number | null {
    const newlyExpected = expected - this.#expected;
    if (!(newlyExpected > 0)) return null;
    const ratio = (lost - this.#lost) / newlyExpected;
    // Packets that were told lost and came late make it negative; a party that counts anew makes it anything.
    return ratio > 1 ? fractionLost : Math.max(0, ratio);
  }
}
