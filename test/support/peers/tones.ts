// Which tones a WAV file holds: the proof that sound came through, and from whom.
import { readFileSync } from 'node:fs';

export interface WavSound {
  readonly sampleRateHz: number;
  /** The first channel alone. */
  readonly samples: Int16Array;
}

/** Reads 16-bit PCM; a header that was never completed (the writer was stopped) means "up to the end". */
export function readWav(path: string): WavSound {
  const bytes = readFileSync(path);
  if (bytes.toString('latin1', 0, 4) !== 'RIFF') throw new Error(`${path} is no RIFF file`);
  let channels = 1;
  let sampleRateHz = 8000;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const start = at + 8;
    if (name === 'fmt ') {
      channels = bytes.readUInt16LE(start + 2);
      sampleRateHz = bytes.readUInt32LE(start + 4);
    }
    if (name === 'data') {
      const end = length === 0 ? bytes.length : Math.min(bytes.length, start + length);
      return { sampleRateHz, samples: firstChannel(bytes.subarray(start, end), channels) };
    }
    at = start + length + (length % 2);
  }
  throw new Error(`${path} has no data chunk`);
}

function firstChannel(bytes: Buffer, channels: number): Int16Array {
  const frames = Math.floor(bytes.length / (2 * channels));
  return Int16Array.from({ length: frames }, (_, frame) => bytes.readInt16LE(frame * channels * 2));
}

/**
 * Share of the sound's power that lies at one frequency (Goertzel), 0 to 1; a pure tone gives nearly 1.
 *
 * @returns 0 where there is silence
 */
export function tonePower(sound: WavSound, frequencyHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / sound.sampleRateHz);
  let previous = 0;
  let beforePrevious = 0;
  let total = 0;
  for (const sample of sound.samples) {
    const current = sample + coefficient * previous - beforePrevious;
    beforePrevious = previous;
    previous = current;
    total += sample * sample;
  }
  const power = previous ** 2 + beforePrevious ** 2 - coefficient * previous * beforePrevious;
  return total === 0 ? 0 : (2 * power) / (total * sound.samples.length);
}

/** Sound between two moments, in seconds; a negative one counts from the end. */
export function slice(sound: WavSound, fromSeconds: number, toSeconds?: number): WavSound {
  const at = (seconds: number) => Math.round(seconds * sound.sampleRateHz);
  return {
    ...sound,
    samples: sound.samples.subarray(at(fromSeconds), toSeconds === undefined ? undefined : at(toSeconds)),
  };
}

/**
 * Seconds in which the tone is plainly there, counted in windows of 100 ms: resampling, jitter and gaps shift the
 * phase, which a single long Goertzel would take for absence.
 */
export function toneSeconds(sound: WavSound, frequencyHz: number): number {
  const windowLength = sound.sampleRateHz / 10;
  let windows = 0;
  for (let start = 0; start + windowLength <= sound.samples.length; start += windowLength) {
    const samples = sound.samples.subarray(start, start + windowLength);
    if (rms(samples) > 300 && tonePower({ ...sound, samples }, frequencyHz) > 0.8) windows += 1;
  }
  return windows / 10;
}

function rms(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, samples.length));
}
