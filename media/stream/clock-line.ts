// The sender's clock against ours, over a whole call: a robust line through the fastest packet of each second.

/** Points that are kept: where they are full, the faster of two neighbours stays. */
const CAPACITY = 64;
/** Before so long noise would pass for drift. */
const MIN_SPAN_MS = 30_000;
const MIN_POINTS = 10;
/** A sender whose timestamps leap by more from one point to the next has begun anew. */
const LARGEST_LEAP_MS = 500;
const FIRST_CAPACITY = 8;

/** Of the line that is asked: there may be hundreds, one after the other, between two beats. */
const slopes = new Float64Array((CAPACITY * (CAPACITY - 1)) / 2);

/**
 * Least transit times over time, and the median of all slopes between them (Theil 1950, Sen 1968): a queue that stands for
 * a quarter of the time changes nothing. Costs a point a second, and its arithmetic only where somebody asks.
 */
export class ClockLine {
  #at = new Float64Array(FIRST_CAPACITY);
  #transitMs = new Float64Array(FIRST_CAPACITY);
  #count = 0;
  /** Seconds that make one point. */
  #stride = 1;
  #skipped = 0;

  restart(): void {
    this.#count = 0;
    this.#stride = 1;
    this.#skipped = 0;
  }

  /** The least transit time of one second, against any zero that stays. */
  add(at: number, transitMs: number): void {
    const last = this.#count - 1;
    const leapMs = transitMs - (this.#transitMs[last] ?? transitMs);
    if (Math.abs(leapMs) > LARGEST_LEAP_MS) this.restart();
    if (this.#skipped > 0 && this.#skipped < this.#stride) {
      this.#skipped += 1;
      if (transitMs < (this.#transitMs[last] ?? 0)) this.#set(last, at, transitMs);
      return;
    }
    if (this.#count === CAPACITY) this.#thin();
    this.#skipped = 1;
    this.#reserve();
    this.#set(this.#count, at, transitMs);
    this.#count += 1;
  }

  /** How much faster the sender's clock runs than ours, in parts per million; null before it can be told. */
  get driftPpm(): number | null {
    const span = (this.#at[this.#count - 1] ?? 0) - (this.#at[0] ?? 0);
    if (this.#count < MIN_POINTS || span < MIN_SPAN_MS) return null;
    let count = 0;
    for (let right = 1; right < this.#count; right += 1) {
      for (let left = 0; left < right; left += 1) {
        slopes[count] = this.#slope(left, right);
        count += 1;
      }
    }
    return -select(slopes.subarray(0, count), count >> 1) * 1e6;
  }

  #slope(left: number, right: number): number {
    const time = (this.#at[right] ?? 0) - (this.#at[left] ?? 0);
    return ((this.#transitMs[right] ?? 0) - (this.#transitMs[left] ?? 0)) / time;
  }

  #set(index: number, at: number, transitMs: number): void {
    this.#at[index] = at;
    this.#transitMs[index] = transitMs;
  }

  #thin(): void {
    this.#count = CAPACITY / 2;
    this.#stride *= 2;
    for (let i = 0; i < this.#count; i += 1) {
      const [even, odd] = [this.#transitMs[2 * i] ?? 0, this.#transitMs[2 * i + 1] ?? 0];
      const faster = odd < even ? 2 * i + 1 : 2 * i;
      this.#set(i, this.#at[faster] ?? 0, this.#transitMs[faster] ?? 0);
    }
  }

  #reserve(): void {
    if (this.#count < this.#at.length) return;
    const [at, transitMs] = [this.#at, this.#transitMs];
    this.#at = new Float64Array(2 * this.#count);
    this.#transitMs = new Float64Array(2 * this.#count);
    this.#at.set(at);
    this.#transitMs.set(transitMs);
  }
}

/** The value that would stand at `place` if all were sorted (Hoare 1961): a sort would take twenty times as long. */
function select(values: Float64Array, place: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1] ?? 0;
    let [left, right] = [low, high];
    while (left <= right) {
      while ((values[left] ?? pivot) < pivot) left += 1;
      while ((values[right] ?? pivot) > pivot) right -= 1;
      if (left > right) break;
      const swapped = values[left] ?? 0;
      values[left] = values[right] ?? 0;
      values[right] = swapped;
      left += 1;
      right -= 1;
    }
    if (place <= right) high = right;
    else if (place >= left) low = left;
    else break;
  }
  return values[place] ?? 0;
}
