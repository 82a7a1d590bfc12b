// What a listener got: delay, loss, and the E-model's opinion of both.
import { codecImpairment, mosFromR, rFactor } from '../../../media/quality/index.ts';

/**
 * Assumed beside the network's varying delay and the playout buffer: 20 ms of packetisation, 10 ms of sound cards and 20 ms of
 * a network within one country.
 */
export const BASE_DELAY_MS = 50;

const CODEC = codecImpairment('pcmu', true) ?? { ie: 0, bpl: 25.1 };

/** One buffer over one trace. */
export interface Outcome {
  /** From sending to playing, above the trace's least network delay, of the packets that were played. */
  readonly meanDelayMs: number;
  readonly p95DelayMs: number;
  /** Packets that came and were not played. */
  readonly lateRatio: number;
  /** Time made up, for packets that were late or lost and while waiting for one, of all time. */
  readonly concealedRatio: number;
  readonly mos: number;
}

export function mosOf(meanDelayMs: number, concealedRatio: number): number {
  return mosFromR(rFactor(CODEC, concealedRatio, BASE_DELAY_MS + meanDelayMs));
}

/** Collects while a buffer plays. */
export class OutcomeMeter {
  readonly #delays: number[] = [];
  #concealedMs = 0;

  play(delayMs: number): void {
    this.#delays.push(delayMs);
  }

  conceal(durationMs: number): void {
    this.#concealedMs += durationMs;
  }

  /** @param arrived - packets that the network brought, in time or late */
  outcome(arrived: number, totalMs: number): Outcome {
    const sorted = this.#delays.toSorted((a, b) => a - b);
    const meanDelayMs = sorted.reduce((sum, delay) => sum + delay, 0) / sorted.length;
    const concealedRatio = this.#concealedMs / totalMs;
    return {
      meanDelayMs,
      p95DelayMs: sorted[Math.floor(0.95 * (sorted.length - 1))] ?? Number.NaN,
      lateRatio: Math.max(0, arrived - sorted.length) / arrived,
      concealedRatio,
      mos: mosOf(meanDelayMs, concealedRatio),
    };
  }
}
