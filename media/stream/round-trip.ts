// Round trip by RTCP (RFC 3550 §6.4.1): arrival less LSR less DLSR, on our own clock alone.
import { middleNtp } from './ntp.ts';

/** An answer that took longer is no measurement but a lie, or a report about somebody else's time. */
const MAX_ROUND_TRIP_MS = 60_000;
/** By so much a phone that counts its delays in hundredths of a second, or by its beat, may be ahead of time. */
const COARSEST_CLOCK_MS = 100;

export class RoundTrip {
  #lastMs: number | null = null;
  #minMs: number | null = null;
  #maxMs: number | null = null;

  get lastMs(): number | null {
    return this.#lastMs;
  }

  get minMs(): number | null {
    return this.#minMs;
  }

  get maxMs(): number | null {
    return this.#maxMs;
  }

  /**
   * @param wallClockMs - time of arrival, on the clock of our sender reports
   * @returns false for times that cannot be: from the future, or longer ago than any answer takes
   */
  handleReport(
    wallClockMs: number,
    report: { readonly lastSr: number; readonly delaySinceLastSr: number },
  ): boolean {
    if (report.lastSr === 0) return true;
    const ticks = (middleNtp(wallClockMs) - report.lastSr - report.delaySinceLastSr) | 0;
    const elapsedMs = (ticks * 1000) / 65536;
    if (elapsedMs < -COARSEST_CLOCK_MS || elapsedMs > MAX_ROUND_TRIP_MS) return false;
    // One tick of rounding may make the fastest ones negative; a coarse clock makes them useless, and no lie.
    if (elapsedMs < -1) return true;
    const ms = Math.max(0, elapsedMs);
    this.#lastMs = ms;
    this.#minMs = Math.min(this.#minMs ?? ms, ms);
    this.#maxMs = Math.max(this.#maxMs ?? ms, ms);
    return true;
  }
}
