// Ratings over time, in bounded memory.
import { MosHistory } from './mos-history.ts';
import type { Rating } from './rating.ts';
import type { QualityHistory } from './types.ts';

/** R has hundredths: 100 of them fit into what a value of {@link MosHistory} may be. */
const R_SCALE = 100;
/** Zero is a gap. */
const LEAST_R = 1 / R_SCALE;

/** Means over equal intervals: of a second, and where a call is long of 2, 4, 8 … */
export class RatingHistory {
  readonly #r = new MosHistory(R_SCALE);
  readonly #mosLq = new MosHistory();
  readonly #mosCq = new MosHistory();

  /** Adds that many seconds of one rating; null where nothing was measured in them. */
  add(rating: Rating | null, seconds = 1): void {
    if (rating === null) return this.#addGap(seconds);
    for (let second = 0; second < seconds; second += 1) {
      this.#r.addSecond(Math.max(LEAST_R, rating.rFactor));
      this.#mosLq.addSecond(rating.mosLq);
      this.#mosCq.addSecond(rating.mosCq);
    }
  }

  values(): QualityHistory {
    return {
      intervalMs: this.#r.intervalMs,
      rFactor: this.#r.values(),
      mosLq: this.#mosLq.values(),
      mosCq: padded(this.#mosCq.values(), this.#mosLq.values().length),
    };
  }

  #addGap(seconds: number): void {
    for (const history of [this.#r, this.#mosLq, this.#mosCq]) history.addGap(seconds);
  }
}

/** An interval that is not full yet is told of where it has a value. */
function padded(values: (number | null)[], length: number): (number | null)[] {
  while (values.length < length) values.push(null);
  return values;
}
