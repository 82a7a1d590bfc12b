// How much of speech can be understood: STOI (Taal, Hendriks, Heusdens, Jensen, IEEE TASLP 19(7), 2011).
import { resample, type Sound } from '../../media/index.ts';
import { alignPieces, PIECE, type Row } from './alignment.ts';
import { compareSounds } from './comparison.ts';
import { powerSpectrum } from './spectrum.ts';

// The constants are those of the paper, section II.
const RATE_HZ = 10_000;
const WINDOW = 256;
const HOP = 128;
const TRANSFORM = 512;
const BANDS = 15;
const LOWEST_CENTER_HZ = 150;
/** Frames of a segment: 384 ms. */
const SEGMENT = 30;
/** A band that is distorted more than this (an SDR of -15 dB) counts no worse. */
const CLIP = 1 + 10 ** (15 / 20);
/** Frames that are this much softer than the loudest are silence, and left out. */
const SILENT_BELOW_DB = 40;

/** From here on speech is understood: two thirds of the words by the fit below, and twice what another voice gets. */
export const LEAST_INTELLIGIBILITY = 0.6;

/**
 * The score, from 0 to 1: the correlation of what was said and heard in fifteen third-octave bands, over 384 ms each.
 * By the authors' fit to listening tests (English sentences, 1 / (1 + exp(9.6921 - 17.4906 d))) 0.7 means 93 % of the
 * words, 0.6 means 69 %, 0.5 means 28 %. Another voice gets under 0.4, a tone or noise under 0.5 (the search for the best
 * place lifts them), silence 0. Both mono.
 */
export function intelligibility(sent: Sound, heard: Sound): number {
  const said = envelopes(resample(sent.pcm, sent.sampleRateHz, RATE_HZ));
  const got = envelopes(resample(heard.pcm, heard.sampleRateHz, RATE_HZ));
  const { delayMs } = compareSounds(sent, heard);
  const pairs = aligned(said, got, Math.round((delayMs * RATE_HZ) / 1000 / HOP));
  return scoreOf(pairs);
}

/** What was said in a frame, and what was heard of it. */
interface Pair {
  readonly said: Row;
  readonly heard: Row;
}

/** Bins from and to (not including) each band. */
const BAND_BINS = Array.from({ length: BANDS }, (_, i) => {
  const center = LOWEST_CENTER_HZ * 2 ** (i / 3);
  const binOf = (hz: number) => Math.round((hz * TRANSFORM) / RATE_HZ);
  return { first: binOf(center * 2 ** (-1 / 6)), end: binOf(center * 2 ** (1 / 6)) };
});

function envelopes(pcm: Int16Array): readonly Row[] {
  const rows: Row[] = [];
  for (let at = 0; at + WINDOW <= pcm.length; at += HOP) {
    const powers = powerSpectrum(pcm.subarray(at, at + WINDOW), TRANSFORM);
    rows.push(
      Float64Array.from(BAND_BINS, ({ first, end }) =>
        Math.sqrt(powers.subarray(first, end).reduce((sum, power) => sum + power, 0)),
      ),
    );
  }
  return rows;
}

const SILENCE: Row = new Float64Array(BANDS);

/**
 * The frames with speech in them, each beside the frame in which it was heard. Departs from the paper: it wants both sounds
 * aligned to the sample, which a jitter buffer undoes while somebody speaks.
 */
function aligned(said: readonly Row[], heard: readonly Row[], usualLag: number): readonly Pair[] {
  const isActive = activity(said);
  const lags = alignPieces(said, heard, usualLag);
  return said.flatMap((row, i) => {
    const lag = lags[Math.floor(i / PIECE)] ?? usualLag;
    return isActive[i] ? [{ said: row, heard: heard[i + lag] ?? SILENCE }] : [];
  });
}

function activity(rows: readonly Row[]): readonly boolean[] {
  const powers = rows.map((row) => row.reduce((sum, magnitude) => sum + magnitude ** 2, 0));
  const loudest = powers.reduce((a, b) => Math.max(a, b), 1);
  return powers.map((power) => power > loudest / 10 ** (SILENT_BELOW_DB / 10));
}

function scoreOf(pairs: readonly Pair[]): number {
  let [sum, count] = [0, 0];
  for (let start = 0; start + SEGMENT <= pairs.length; start += 1) {
    const segment = pairs.slice(start, start + SEGMENT);
    for (let band = 0; band < BANDS; band += 1) {
      sum += bandScore(
        segment.map((pair) => pair.said[band] ?? 0),
        segment.map((pair) => pair.heard[band] ?? 0),
      );
      count += 1;
    }
  }
  return count === 0 ? 0 : Math.max(0, sum / count);
}

/** Equations 3 to 5: brought to the same energy, clipped, correlated. */
function bandScore(said: readonly number[], heard: readonly number[]): number {
  const gain = Math.sqrt(energy(said) / (energy(heard) + Number.EPSILON));
  const clipped = heard.map((value, i) => Math.min(value * gain, (said[i] ?? 0) * CLIP));
  return correlation(said, clipped);
}

const energy = (values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0);

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [product, powerA, powerB] = [0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    const [x, y] = [(a[i] ?? 0) - meanA, (b[i] ?? 0) - meanB];
    product += x * y;
    powerA += x * x;
    powerB += y * y;
  }
  return powerA * powerB > 0 ? product / Math.sqrt(powerA * powerB) : 0;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
