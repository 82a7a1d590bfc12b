// A recording, and which tones are in it: the proof that sound came through, and from whom.
import { readFileSync } from 'node:fs';
import { levelDbov, toneLevelDbov } from '../tones.ts';

/** Below this there is noise of a codec, not a tone. */
const FAINTEST_DBOV = -42;
/** The tone has at least four fifths of the power. */
const MOST_ELSE_DB = 1;

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

/** Sound between two moments, in seconds; a negative one counts from the end. */
export function slice(sound: WavSound, fromSeconds: number, toSeconds?: number): WavSound {
  const at = (seconds: number) => Math.round(seconds * sound.sampleRateHz);
  return {
    ...sound,
    samples: sound.samples.subarray(at(fromSeconds), toSeconds === undefined ? undefined : at(toSeconds)),
  };
}

/** The longest stretch in which the tone is not plainly there; of length 0 where it always is. */
export function longestWithoutTone(
  sound: WavSound,
  frequencyHz: number,
): { readonly fromSeconds: number; readonly toSeconds: number } {
  let longest = { fromSeconds: 0, toSeconds: 0 };
  let from = 0;
  for (const [i, isTone] of [...toneWindows(sound, frequencyHz), true].entries()) {
    if (!isTone) continue;
    if (i - from > 10 * (longest.toSeconds - longest.fromSeconds))
      longest = { fromSeconds: from / 10, toSeconds: i / 10 };
    from = i + 1;
  }
  return longest;
}

/** Seconds in which the tone is plainly there. */
export function toneSeconds(sound: WavSound, frequencyHz: number): number {
  return toneWindows(sound, frequencyHz).filter((isTone) => isTone).length / 10;
}

/**
 * Whether the tone is plainly there, for each window of 100 ms: resampling, jitter and gaps shift the phase, which a
 * single long Goertzel would take for absence.
 */
function toneWindows(sound: WavSound, frequencyHz: number): readonly boolean[] {
  const windowLength = sound.sampleRateHz / 10;
  const options = { frequencyHz, clockRateHz: sound.sampleRateHz };
  return Array.from({ length: Math.floor(sound.samples.length / windowLength) }, (_, i) => {
    const samples = sound.samples.subarray(i * windowLength, (i + 1) * windowLength);
    const level = levelDbov(samples);
    const isToneAlone = toneLevelDbov(samples, options) > level - MOST_ELSE_DB;
    return level > FAINTEST_DBOV && isToneAlone;
  });
}
