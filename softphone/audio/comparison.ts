// Whether what was heard is what was sent.
import { resample, type Sound } from '../../media/index.ts';
import { powerSpectrum } from './spectrum.ts';

/** All comparing is done at 8 kHz: what every codec carries. */
const RATE_HZ = 8000;
/** 32 ms windows, half over each other. */
const WINDOW = 256;
const HOP = 128;
/** A quarter of an octave each from 150 to 3400 Hz, about as the ear divides it. */
const BAND_EDGES_HZ: readonly number[] = Array.from({ length: 19 }, (_, i) => 150 * 2 ** (i / 4));
/** Windows that are this much softer than the loudest do not count. */
const SILENT_BELOW_DB = 45;

export interface Comparison {
  /** How much later the heard sound starts within its recording. Negative where its start is missing. */
  readonly delayMs: number;
  /**
   * Correlation of both spectrograms (levels in decibels over time and bands) at that delay: 1 is the same sound,
   * 0 has nothing to do with it. Codecs keep over 0.9; noise, silence and other speech stay under 0.5.
   */
  readonly similarity: number;
  /** Share of the sent sound that was compared, 0 to 1. */
  readonly coverage: number;
}

/** From here on it is the same sound. */
const LEAST_SIMILARITY = 0.8;
const LEAST_COVERAGE = 0.7;

export function isSameSound(comparison: Comparison): boolean {
  return comparison.similarity >= LEAST_SIMILARITY && comparison.coverage >= LEAST_COVERAGE;
}

/**
 * Finds the sent sound in the heard one, by the envelopes of their bands, and says how alike they are there. Both mono.
 *
 * @param longestDelayMs - how far apart they may be
 */
export function compareSounds(sent: Sound, heard: Sound, longestDelayMs = 5000): Comparison {
  const reference = spectrogram(resample(sent.pcm, sent.sampleRateHz, RATE_HZ));
  const recorded = spectrogram(resample(heard.pcm, heard.sampleRateHz, RATE_HZ));
  const longest = Math.ceil((longestDelayMs * RATE_HZ) / 1000 / HOP);
  let best = { lag: 0, ...correlate(reference, recorded, 0) };
  for (let lag = -longest; lag <= longest; lag += 1) {
    const found = correlate(reference, recorded, lag);
    // A short overlap is alike by chance: what counts is how much of the sound is found.
    if (found.similarity * found.coverage > best.similarity * best.coverage) best = { lag, ...found };
  }
  return {
    delayMs: (best.lag * HOP * 1000) / RATE_HZ,
    similarity: best.similarity,
    coverage: best.coverage,
  };
}

/** Levels in decibels, one row of bands a window. */
interface Spectrogram {
  readonly rows: readonly Float64Array[];
  /** Rows with sound in them. */
  readonly active: readonly boolean[];
  readonly activeCount: number;
}

function spectrogram(pcm: Int16Array): Spectrogram {
  const rows: Float64Array[] = [];
  const levels: number[] = [];
  for (let at = 0; at + WINDOW <= pcm.length; at += HOP) {
    const power = bandPowers(pcm.subarray(at, at + WINDOW));
    levels.push(10 * Math.log10(power.reduce((sum, value) => sum + value, 1)));
    rows.push(power.map((value) => 10 * Math.log10(value + 1)));
  }
  const loudest = levels.reduce((a, b) => Math.max(a, b), 0);
  // Under 30 dB (an amplitude of a few steps) there is nothing, however soft everything else is.
  const active = levels.map((level) => level > Math.max(30, loudest - SILENT_BELOW_DB));
  return { rows, active, activeCount: active.filter(Boolean).length };
}

function correlate(a: Spectrogram, b: Spectrogram, lag: number) {
  let [count, sumA, sumB, sumAA, sumBB, sumAB, found] = [0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < a.rows.length; i += 1) {
    const [rowA, rowB] = [a.rows[i], b.rows[i + lag]];
    if (!rowA || !rowB || !(a.active[i] || b.active[i + lag])) continue;
    if (a.active[i]) found += 1;
    for (let band = 0; band < rowA.length; band += 1) {
      const [x, y] = [rowA[band] ?? 0, rowB[band] ?? 0];
      count += 1;
      sumA += x;
      sumB += y;
      sumAA += x * x;
      sumBB += y * y;
      sumAB += x * y;
    }
  }
  const varianceA = count * sumAA - sumA ** 2;
  const varianceB = count * sumBB - sumB ** 2;
  const isFlat = varianceA <= 0 || varianceB <= 0;
  return {
    similarity: isFlat ? 0 : Math.max(0, (count * sumAB - sumA * sumB) / Math.sqrt(varianceA * varianceB)),
    coverage: a.activeCount === 0 ? 0 : found / a.activeCount,
  };
}

function bandPowers(block: Int16Array): Float64Array {
  const spectrum = powerSpectrum(block, WINDOW);
  const powers = new Float64Array(BAND_EDGES_HZ.length - 1);
  for (let band = 0; band < powers.length; band += 1) {
    const first = Math.ceil(((BAND_EDGES_HZ[band] ?? 0) * WINDOW) / RATE_HZ);
    const last = Math.max(first + 1, Math.ceil(((BAND_EDGES_HZ[band + 1] ?? 0) * WINDOW) / RATE_HZ));
    for (let k = first; k < last; k += 1) {
      powers[band] = (powers[band] ?? 0) + (spectrum[k] ?? 0);
    }
  }
  return powers;
}
