// When what happened in a call.

/** All in monotonic milliseconds; undefined where it has not happened. */
export class CallTimeline {
  readonly startedAt: number;
  /** ISO 8601. */
  readonly startedText: string;
  #ringingAt: number | undefined;
  #answeredAt: number | undefined;
  #endedAt: number | undefined;

  constructor(now: number, wallClock: number) {
    this.startedAt = now;
    this.startedText = new Date(wallClock).toISOString();
  }

  /** Only the first 180 or 183 counts. */
  ringing(now: number): void {
    this.#ringingAt ??= now;
  }

  answered(now: number): void {
    this.#answeredAt ??= now;
  }

  ended(now: number): void {
    this.#endedAt ??= now;
  }

  get isAnswered(): boolean {
    return this.#answeredAt !== undefined;
  }

  get isEnded(): boolean {
    return this.#endedAt !== undefined;
  }

  get setup(): { readonly ringingMs: number | null; readonly answeredMs: number | null } {
    return { ringingMs: this.#since(this.#ringingAt), answeredMs: this.#since(this.#answeredAt) };
  }

  /** From the answer to the end, or to now where it has not ended. */
  durationMsAt(now: number): number | null {
    return this.#answeredAt === undefined ? null : (this.#endedAt ?? now) - this.#answeredAt;
  }

  /** From the answer to a moment, or 0 where that came earlier; null where either did not come. */
  msAfterAnswer(at: number | undefined): number | null {
    if (at === undefined || this.#answeredAt === undefined) return null;
    return Math.max(0, at - this.#answeredAt);
  }

  #since(at: number | undefined): number | null {
    return at === undefined ? null : at - this.startedAt;
  }
}
