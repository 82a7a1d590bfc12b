// The E-model in its planning form: every parameter but delay, loss and its burstiness at its default (ITU-T G.107).
import type { CodecImpairment } from './codecs.ts';

/** ITU-T G.107 (2015) §7.7: the rating with all defaults, without delay and loss. */
export const DEFAULT_R = 93.2;

/** Below this absolute delay Idd is zero (ITU-T G.107 §7.4). */
const IDD_FREE_MS = 100;

/** Far beyond what the formula was fitted to; with it a long hole in a call is as bad as can be. */
const MAX_BURST_RATIO = 1000;

/**
 * Impairment by absolute delay without echo (ITU-T G.107 §7.4, defaults sT = 1, mT = 100 ms).
 *
 * @param oneWayMs - mouth to ear
 */
export function delayImpairment(oneWayMs: number): number {
  if (!(oneWayMs > IDD_FREE_MS)) return 0;
  const x = Math.log2(oneWayMs / IDD_FREE_MS);
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
}

/**
 * Effective equipment impairment (ITU-T G.107 §7.5).
 *
 * @param lossRatio - 0 to 1; lost and discarded packets together
 * @param burstRatio - BurstR, at least 1: how many times longer runs of losses are than at random
 */
export function lossImpairment(codec: CodecImpairment, lossRatio: number, burstRatio = 1): number {
  const lossPercent = 100 * clamp(lossRatio, 0, 1);
  if (lossPercent === 0) return codec.ie;
  const burst = clamp(burstRatio, 1, MAX_BURST_RATIO);
  return codec.ie + ((95 - codec.ie) * lossPercent) / (lossPercent / burst + codec.bpl);
}

/** Rating factor, 0 to 93.2. */
export function rFactor(codec: CodecImpairment, lossRatio: number, oneWayMs: number, burstRatio = 1): number {
  const impairment = delayImpairment(oneWayMs) + lossImpairment(codec, lossRatio, burstRatio);
  return clamp(DEFAULT_R - impairment, 0, 100);
}

/** MOS-CQ of a rating (ITU-T G.107 annex B), 1 to 4.5. */
export function mosFromR(r: number): number {
  if (!(r > 0)) return 1;
  if (r >= 100) return 4.5;
  // The cubic dips under 1 for small R.
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, Number.isFinite(value) ? value : low));
}
