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
const BANDS = BAND_EDGES_HZ.length - 1;
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
  let best = { lag: 0, similarity: 0, coverage: coverageAt(reference, recorded, 0) };
  // Outwards: what lies near is likeliest, and what has less in common than that need not be looked at.
  for (let step = 0; step <= 2 * longest; step += 1) {
    const lag = step % 2 === 1 ? (step + 1) / 2 : 0 - step / 2;
    const coverage = coverageAt(reference, recorded, lag);
    const toBeat = best.similarity * best.coverage;
    if (coverage <= toBeat) continue;
    const similarity = similarityAt(reference, recorded, lag);
    // A short overlap is alike by chance: what counts is how much of the sound is found.
    if (similarity * coverage > toBeat) best = { lag, similarity, coverage };
  }
  return {
    delayMs: (best.lag * HOP * 1000) / RATE_HZ,
    similarity: best.similarity,
    coverage: best.coverage,
  };
}

/** Levels in decibels, one row of {@link BANDS} a window. */
interface Spectrogram {
  /** All rows, one after the other. */
  readonly levels: Float64Array;
  /** Of each row the sum of its levels, and of their squares: the search asks for them once for each delay. */
  readonly sums: Float64Array;
  readonly energies: Float64Array;
  /** Rows with sound in them. */
  readonly active: readonly boolean[];
  /** So many of them lie before each row; one more than there are rows, as the last is of all. */
  readonly activeBefore: Uint32Array;
}

function spectrogram(pcm: Int16Array): Spectrogram {
  const rows: Float64Array[] = [];
  const loudness: number[] = [];
  for (let at = 0; at + WINDOW <= pcm.length; at += HOP) {
    const power = bandPowers(pcm.subarray(at, at + WINDOW));
    loudness.push(10 * Math.log10(power.reduce((sum, value) => sum + value, 1)));
    rows.push(power.map((value) => 10 * Math.log10(value + 1)));
  }
  const loudest = loudness.reduce((a, b) => Math.max(a, b), 0);
  // Under 30 dB (an amplitude of a few steps) there is nothing, however soft everything else is.
  const active = loudness.map((level) => level > Math.max(30, loudest - SILENT_BELOW_DB));
  const levels = new Float64Array(rows.length * BANDS);
  for (const [i, row] of rows.entries()) levels.set(row, i * BANDS);
  return {
    levels,
    sums: Float64Array.from(rows, (row) => row.reduce((sum, level) => sum + level, 0)),
    energies: Float64Array.from(rows, (row) => row.reduce((sum, level) => sum + level ** 2, 0)),
    active,
    activeBefore: activeBefore(active),
  };
}

function activeBefore(active: readonly boolean[]): Uint32Array {
  const counts = new Uint32Array(active.length + 1);
  for (const [i, isActive] of active.entries()) counts[i + 1] = (counts[i] ?? 0) + Number(isActive);
  return counts;
}

/** Rows of `a` from and to (not including) that have one in `b` beside them. */
function overlap(a: Spectrogram, b: Spectrogram, lag: number) {
  const start = Math.min(a.active.length, Math.max(0, -lag));
  return { start, end: Math.max(start, Math.min(a.active.length, b.active.length - lag)) };
}

function coverageAt(a: Spectrogram, b: Spectrogram, lag: number): number {
  const { start, end } = overlap(a, b, lag);
  const all = a.activeBefore.at(-1) ?? 0;
  return all === 0 ? 0 : ((a.activeBefore[end] ?? 0) - (a.activeBefore[start] ?? 0)) / all;
}

function similarityAt(a: Spectrogram, b: Spectrogram, lag: number): number {
  const { start, end } = overlap(a, b, lag);
  let [rows, sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0, 0];
  // All indices are within both arrays by the bounds of the two loops.
  for (let i = start; i < end; i += 1) {
    const j = i + lag;
    if (!a.active[i] && !b.active[j]) continue;
    rows += 1;
    sumA += a.sums[i]!;
    sumB += b.sums[j]!;
    sumAA += a.energies[i]!;
    sumBB += b.energies[j]!;
    const [atA, atB] = [i * BANDS, j * BANDS];
    for (let band = 0; band < BANDS; band += 1) sumAB += a.levels[atA + band]! * b.levels[atB + band]!;
  }
  const count = rows * BANDS;
  const varianceA = count * sumAA - sumA ** 2;
  const varianceB = count * sumBB - sumB ** 2;
  if (varianceA <= 0 || varianceB <= 0) return 0;
  return Math.max(0, (count * sumAB - sumA * sumB) / Math.sqrt(varianceA * varianceB));
}

function bandPowers(block: Int16Array): Float64Array {
  const spectrum = powerSpectrum(block, WINDOW);
  const powers = new Float64Array(BANDS);
  for (let band = 0; band < powers.length; band += 1) {
    const first = Math.ceil(((BAND_EDGES_HZ[band] ?? 0) * WINDOW) / RATE_HZ);
    const last = Math.max(first + 1, Math.ceil(((BAND_EDGES_HZ[band + 1] ?? 0) * WINDOW) / RATE_HZ));
    for (let k = first; k < last; k += 1) {
      powers[band] = (powers[band] ?? 0) + (spectrum[k] ?? 0);
    }
  }
  return powers;
}
