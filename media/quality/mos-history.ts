// MOS over time, in bounded memory: when it is full, two neighbours become one and the interval doubles.

/** How many values are kept at most; one report line of a terminal has no more columns. */
export const MOS_HISTORY_LIMIT = 120;

/** The length of the first intervals. */
export const MOS_INTERVAL_MS = 1000;

// MOS in thousandths, 0 for a gap: a third of the memory of numbers.
const MOS_SCALE = 1000;
const INITIAL_CAPACITY = 8;

/** Means of MOS over equal intervals. */
export class MosHistory {
  readonly #scale: number;
  #values = new Uint16Array(INITIAL_CAPACITY);
  #length = 0;
  #secondsPerValue = 1;
  #pendingSum = 0;
  #pendingMeasured = 0;
  #pendingSeconds = 0;

  /** @param scale - parts of one that are told apart: 65,535 of them are the largest value */
  constructor(scale = MOS_SCALE) {
    this.#scale = scale;
  }

  get intervalMs(): number {
    return this.#secondsPerValue * MOS_INTERVAL_MS;
  }

  /** Adds one second; null where nothing was measured in it. */
  addSecond(mos: number | null): void {
    this.#pendingSeconds += 1;
    if (mos !== null) {
      this.#pendingSum += mos;
      this.#pendingMeasured += 1;
    }
    if (this.#pendingSeconds < this.#secondsPerValue) return;
    this.#append(this.#takePending());
  }

  /** Adds that many seconds without measurement; costs no more than the history is long. */
  addGap(seconds: number): void {
    for (let left = seconds; left > 0; left -= 1) {
      if (this.#pendingSeconds === 0 && left >= this.#secondsPerValue) {
        left -= this.#secondsPerValue - 1;
        this.#append(0);
      } else {
        this.addSecond(null);
      }
    }
  }

  /** Oldest first, in MOS; null for a gap. */
  values(): (number | null)[] {
    const list = Array.from(this.#values.subarray(0, this.#length), (value) =>
      value === 0 ? null : value / this.#scale,
    );
    if (this.#pendingMeasured > 0) list.push(this.#pendingSum / this.#pendingMeasured);
    return list;
  }

  #takePending(): number {
    const mean = this.#pendingMeasured === 0 ? 0 : this.#pendingSum / this.#pendingMeasured;
    this.#pendingSum = 0;
    this.#pendingMeasured = 0;
    this.#pendingSeconds = 0;
    return Math.round(mean * this.#scale);
  }

  #append(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Uint16Array(Math.min(MOS_HISTORY_LIMIT, 2 * this.#length));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
    if (this.#length === MOS_HISTORY_LIMIT) this.#halve();
  }

  #halve(): void {
    // The limit is even, so that no value is left without a neighbour.
    this.#length = MOS_HISTORY_LIMIT / 2;
    for (let i = 0; i < this.#length; i += 1) {
      this.#values[i] = meanOf(this.#values[2 * i] ?? 0, this.#values[2 * i + 1] ?? 0);
    }
    this.#secondsPerValue *= 2;
  }
}

function meanOf(a: number, b: number): number {
  if (a === 0 || b === 0) return a + b;
  return (a + b) >> 1;
}
