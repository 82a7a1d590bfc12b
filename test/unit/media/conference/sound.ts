// Sound for the units of a room: in blocks of 20 ms at 48 kHz.
import { SeededRandom } from '../../../../core/index.ts';
import { SpeechLikeSource } from '../../../../media/audio/index.ts';
import { levelDbov, makeTone } from '../../../support/index.ts';

export const BLOCK = 960;

export function tone(frequencyHz: number, level: number, durationMs: number): Float32Array {
  return Float32Array.from(makeTone({ frequencyHz, clockRateHz: 48_000, durationMs, levelDbov: level }));
}

/** White noise of the level. */
export function noise(level: number, durationMs: number): Float32Array {
  const random = new SeededRandom(7);
  const amplitude = 32_768 * 10 ** (level / 20) * Math.sqrt(3);
  return Float32Array.from({ length: 48 * durationMs }, () => amplitude * (2 * random.float() - 1));
}

/** Syllables and pauses; the level is that of the syllables. */
export function speech(level: number, durationMs: number): Float32Array {
  const pcm = new Int16Array(48 * durationMs);
  new SpeechLikeSource(3).read(pcm);
  const factor = 10 ** ((level - wordsDbov(Float32Array.from(pcm))) / 20);
  return Float32Array.from(pcm, (sample) => sample * factor);
}

export function silence(durationMs: number): Float32Array {
  return new Float32Array(48 * durationMs);
}

export function sum(...parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from({ length: parts[0]?.length ?? 0 }, (_, i) =>
    parts.reduce((total, part) => total + (part[i] ?? 0), 0),
  );
}

export function joined(...parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Runs a copy through a unit, block by block. */
export function through(
  unit: { process(voice: Float32Array): void },
  sound: Float32Array,
  afterBlock?: () => void,
): Float32Array {
  const output = sound.slice();
  for (const block of blocksOf(output)) {
    unit.process(block);
    afterBlock?.();
  }
  return output;
}

export function blocksOf<Samples extends Float32Array | Int16Array>(
  sound: Samples,
  size = BLOCK,
): readonly Samples[] {
  return Array.from(
    { length: Math.floor(sound.length / size) },
    // A part of an array has the type of the array.
    (_, i) => sound.subarray(i * size, (i + 1) * size) as Samples,
  );
}

export function level(sound: Float32Array): number {
  return levelDbov(Int16Array.from(sound));
}

/** Level of those blocks that are at most 15 dB below the loudest. */
export function wordsDbov(sound: Float32Array): number {
  const levels = blocksOf(sound).map(level);
  const loudest = Math.max(...levels);
  const words = levels.filter((one) => one > loudest - 15);
  return 10 * Math.log10(words.reduce((total, one) => total + 10 ** (one / 10), 0) / words.length);
}

/**
 * What clicks: the loudest 2.5 ms of what a tone of one frequency cannot explain, by a filter that has its zeros there.
 *
 * @param start - samples to leave out at the beginning, where the tone itself begins
 */
export function residueDbov(sound: Float32Array, frequencyHz: number, start = 2): number {
  const factor = 2 * Math.cos((2 * Math.PI * frequencyHz) / 48_000);
  const rest = sound.map((sample, i) => sample - factor * (sound[i - 1] ?? 0) + (sound[i - 2] ?? 0));
  return Math.max(...blocksOf(rest.subarray(start), 120).map(level));
}

/** The largest difference of two sounds; what arrays differ in, no assertion could print in time. */
export function difference(a: Float32Array | Int16Array, b: Float32Array | Int16Array): number {
  let largest = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < a.length; i += 1) largest = Math.max(largest, Math.abs((a[i] ?? 0) - (b[i] ?? 0)));
  return largest;
}
