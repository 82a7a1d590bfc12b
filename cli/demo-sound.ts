// The sound of the demo: two voices made by us, and whether each arrived.
import { readFileSync, writeFileSync } from 'node:fs';
import { encodeWav, parseWav, type Sound, SpeechLikeSource } from '../media/index.ts';
import {
  type Comparison,
  compareSounds,
  isSameSound,
  LEAST_COVERAGE,
  LEAST_SIMILARITY,
} from '../softphone/index.ts';

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
  readonly right: Comparison;
  /** The other voice: that it is not alike shows that the measure can tell. */
  readonly wrong: Comparison;
  readonly isGood: boolean;
}

export function checkHeard(options: {
  readonly who: string;
  readonly path: string;
  readonly said: Sound;
  readonly other: Sound;
}): HeardCheck {
  const heard = parseWav(readFileSync(options.path), options.path);
  const right = compareSounds(options.said, heard);
  const wrong = compareSounds(options.other, heard);
  return {
    who: options.who,
    path: options.path,
    right,
    wrong,
    isGood: isSameSound(right) && !isSameSound(wrong),
  };
}

/** One line for people. */
export function describeCheck({ who, right, wrong, isGood }: HeardCheck): string {
  const verdict = isGood ? 'as it was said' : 'NOT as it was said';
  return (
    `${who} heard the other voice ${verdict}: similarity ${right.similarity.toFixed(3)} ` +
    `(at least ${LEAST_SIMILARITY}; the wrong voice has ${wrong.similarity.toFixed(3)}), ` +
    `${Math.round(right.coverage * 100)} % of it (at least ${LEAST_COVERAGE * 100} %), ` +
    `${right.delayMs.toFixed(0)} ms into the recording`
  );
}
