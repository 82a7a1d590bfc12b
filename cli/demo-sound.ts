// The sound of the demo: two voices made by us, and whether each arrived.
import { readFileSync, writeFileSync } from 'node:fs';
import { encodeWav, parseWav, type Sound, SpeechLikeSource } from '../media/index.ts';
import { intelligibility, LEAST_INTELLIGIBILITY } from '../softphone/index.ts';

const RATE_HZ = 48_000;

/** Writes speech-like sound. @param voice - another number is another speaker */
export function writeVoice(
  path: string,
  options: { readonly voice: number; readonly seconds: number },
): Sound {
  const pcm = new Int16Array(options.seconds * RATE_HZ);
  new SpeechLikeSource(options.voice, RATE_HZ).read(pcm);
  const sound = { sampleRateHz: RATE_HZ, channels: 1, pcm };
  writeFileSync(path, encodeWav(sound));
  return sound;
}

/** What one side heard, beside what the other said and beside what it said itself. */
export interface HeardCheck {
  readonly who: string;
  readonly path: string;
  /** How much of it can be understood, 0 to 1. */
  readonly right: number;
  /** The same of the other voice: that it is not understood shows that the measure can tell. */
  readonly wrong: number;
  readonly isGood: boolean;
}

export function checkHeard(options: {
  readonly who: string;
  readonly path: string;
  readonly said: Sound;
  readonly other: Sound;
}): HeardCheck {
  const heard = parseWav(readFileSync(options.path), options.path);
  const right = intelligibility(options.said, heard);
  const wrong = intelligibility(options.other, heard);
  const isGood = right >= LEAST_INTELLIGIBILITY && wrong < LEAST_INTELLIGIBILITY;
  return { who: options.who, path: options.path, right, wrong, isGood };
}

/** One line for people. */
export function describeCheck({ who, right, wrong, isGood }: HeardCheck): string {
  const verdict = isGood ? 'as it was said' : 'NOT as it was said';
  return (
    `${who} heard the other voice ${verdict}: intelligibility ${right.toFixed(2)} ` +
    `(STOI; at least ${LEAST_INTELLIGIBILITY}; of the wrong voice ${wrong.toFixed(2)})`
  );
}
