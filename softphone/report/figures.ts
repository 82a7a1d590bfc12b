// Figures as people read them; a dash where nobody measured.
import { sparkline } from './sparkline.ts';

/** Paints a piece of text, or leaves it as it is where nobody sees colours. */
export type Paint = (text: string, colour: 'green' | 'yellow' | 'red' | 'dim' | 'bold') => string;

export const plainPaint: Paint = (text) => text;

/** What stands for a figure that nobody measured. */
export const UNKNOWN = '-';

/** ITU-T G.107 annex B: from 4.03 on most people are satisfied, below 3.6 many are not. */
const GOOD_MOS = 4.03;
const FAIR_MOS = 3.6;
const SPARKLINE_WIDTH = 60;

/** Green, yellow or red by what people think of it. */
export function paintMos(text: string, mos: number | null, paint: Paint): string {
  if (mos === null) return paint(text, 'dim');
  if (mos >= GOOD_MOS) return paint(text, 'green');
  return paint(text, mos >= FAIR_MOS ? 'yellow' : 'red');
}

export function figure(value: number | null | undefined, digits = 1): string {
  return value == null ? UNKNOWN : value.toFixed(digits);
}

/** `12 (0.4 %)`. */
export function lossText(lost: number | null, lossRatio: number | null): string {
  return lost === null ? UNKNOWN : `${lost}${lossRatio === null ? '' : ` (${percentText(lossRatio)})`}`;
}

/** @param ratio - 0 to 1 */
export function percentText(ratio: number | null): string {
  return ratio === null ? UNKNOWN : `${(ratio * 100).toFixed(1)} %`;
}

/** `1.2 (max 4.0) ms`. */
export function jitterText(jitter: {
  readonly jitterMs: number | null;
  readonly maxJitterMs: number | null;
}): string {
  const { jitterMs, maxJitterMs } = jitter;
  if (jitterMs === null) return UNKNOWN;
  return `${figure(jitterMs)}${maxJitterMs === null ? '' : ` (max ${figure(maxJitterMs)})`} ms`;
}

/** `41.2 ms (38.0 to 60.1)`; undefined where it was not measured. */
export function roundTripText(report: {
  readonly roundTripMs: number | null;
  readonly minRoundTripMs: number | null;
  readonly maxRoundTripMs: number | null;
}): string | undefined {
  const { roundTripMs, minRoundTripMs, maxRoundTripMs } = report;
  if (roundTripMs === null) return undefined;
  const isRange = minRoundTripMs !== null && maxRoundTripMs !== null;
  const range = isRange ? ` (${figure(minRoundTripMs)} to ${figure(maxRoundTripMs)})` : '';
  return `round trip ${figure(roundTripMs)} ms${range}`;
}

/**
 * A row of bars with its range, coloured by the worst; undefined where nothing was measured.
 *
 * @param values - MOS, one every `intervalMs`; null for a gap
 */
export function mosHistoryText(
  values: readonly (number | null)[],
  intervalMs: number,
  paint: Paint,
): string | undefined {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return undefined;
  const bars = sparkline(values, { lowest: 1, highest: 4.5, width: SPARKLINE_WIDTH });
  const lowest = Math.min(...known);
  const range = `${lowest.toFixed(2)} to ${Math.max(...known).toFixed(2)}`;
  const stepMs = intervalMs * Math.max(1, Math.ceil(values.length / SPARKLINE_WIDTH));
  return `${paintMos(bars, lowest, paint)} ${range}, a bar is ${figure(stepMs / 1000)} s`;
}
