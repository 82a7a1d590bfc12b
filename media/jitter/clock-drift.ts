// The sender's clock against ours: the line under all transit times, whose slope is drift and whose distance is jitter.

/** The least transit time of each window is kept: queues come and go within a window or a few. */
const WINDOW_MS = 1000;
/** Windows that count: a change of route is forgotten after as many. */
const WINDOWS = 48;
/** Before this span noise would pass for drift. */
const MIN_SPAN_MS = 10_000;
/** Crystals are within 100 ppm; sound cards and virtual machines were seen at several hundred. */
const MAX_DRIFT = 0.002;

/**
 * Separates drift from delay by the lower convex hull of transit times over time (Moon, Skelly, Towsley, "Estimation and
 * removal of clock skew from network delay measurements", 1999). Times are in milliseconds.
 */
export class ClockDrift {
  /** Of each window the earliest-seeming packet: when it came, and its transit time. A ring, oldest overwritten. */
  readonly #at = new Float64Array(WINDOWS);
  readonly #transit = new Float64Array(WINDOWS);
  readonly #hull = new Uint8Array(WINDOWS);
  #count = 0;
  #windowEndsAt = Number.NEGATIVE_INFINITY;
  /** Transit time gained per time passed: positive where the sender's clock is slow. */
  #slope = 0;
  /** The line's height at our time zero. */
  #height = 0;
  #isTold = false;

  restart(): void {
    this.#count = 0;
    this.#slope = 0;
    this.#isTold = false;
    this.#windowEndsAt = Number.NEGATIVE_INFINITY;
  }

  /** How much faster the sender's clock runs than ours, in parts per million; null before it can be told. */
  get driftPpm(): number | null {
    return this.#isTold ? -this.#slope * 1e6 : null;
  }

  /** The least transit time to expect at this moment. */
  leastTransitAt(now: number): number {
    return this.#height + this.#slope * now;
  }

  /** @returns how much longer the packet took than the fastest do, at least 0 */
  add(arrivedAt: number, sentAt: number): number {
    const transit = arrivedAt - sentAt;
    if (arrivedAt >= this.#windowEndsAt) this.#openWindow(arrivedAt, transit);
    else this.#lower(arrivedAt, transit);
    return Math.max(0, transit - this.leastTransitAt(arrivedAt));
  }

  #openWindow(at: number, transit: number): void {
    this.#slope = this.#fitSlope();
    this.#windowEndsAt = at + WINDOW_MS;
    const index = this.#count % WINDOWS;
    this.#at[index] = at;
    this.#transit[index] = transit;
    this.#count += 1;
    this.#height = this.#fitHeight();
  }

  #lower(at: number, transit: number): void {
    const height = transit - this.#slope * at;
    const index = (this.#count - 1) % WINDOWS;
    if (height < this.#heightOf(index)) {
      this.#at[index] = at;
      this.#transit[index] = transit;
    }
    if (height < this.#height) this.#height = height;
  }

  #heightOf(index: number): number {
    return (this.#transit[index] ?? 0) - this.#slope * (this.#at[index] ?? 0);
  }

  #fitHeight(): number {
    let least = Number.POSITIVE_INFINITY;
    for (let index = 0; index < Math.min(this.#count, WINDOWS); index += 1) {
      least = Math.min(least, this.#heightOf(index));
    }
    return least;
  }

  /** The slope of the hull's edge above which the middle of the time lies: the line below all and nearest to all. */
  #fitSlope(): number {
    const length = Math.min(this.#count, WINDOWS);
    if (length < 2) return this.#count === 0 ? 0 : this.#slope;
    const first = this.#ring(this.#at, 0);
    const last = this.#ring(this.#at, length - 1);
    if (last - first < MIN_SPAN_MS) return this.#isTold ? this.#slope : 0;
    const edges = this.#lowerHull(length);
    let meanAt = 0;
    for (let point = 0; point < length; point += 1) meanAt += this.#ring(this.#at, point) / length;
    this.#isTold = true;
    for (let edge = 1; edge < edges; edge += 1) {
      const end = this.#hull[edge] ?? 0;
      if (this.#ring(this.#at, end) < meanAt) continue;
      const slope = this.#slopeOf(this.#hull[edge - 1] ?? 0, end);
      return Math.max(-MAX_DRIFT, Math.min(MAX_DRIFT, slope));
    }
    return this.#slope;
  }

  /** Andrew's monotone chain over points that are in order of time. @returns how many are on the hull */
  #lowerHull(length: number): number {
    let size = 0;
    for (let point = 0; point < length; point += 1) {
      while (size >= 2 && this.#isAbove(this.#hull[size - 2] ?? 0, this.#hull[size - 1] ?? 0, point))
        size -= 1;
      this.#hull[size] = point;
      size += 1;
    }
    return size;
  }

  #isAbove(left: number, middle: number, right: number): boolean {
    return this.#slopeOf(left, middle) >= this.#slopeOf(left, right);
  }

  #slopeOf(left: number, right: number): number {
    const time = this.#ring(this.#at, right) - this.#ring(this.#at, left);
    return (this.#ring(this.#transit, right) - this.#ring(this.#transit, left)) / time;
  }

  /** The value of a point by age: 0 is the oldest that is kept. */
  #ring(values: Float64Array, point: number): number {
    const oldest = this.#count > WINDOWS ? this.#count % WINDOWS : 0;
    return values[(oldest + point) % WINDOWS] ?? 0;
  }
}
