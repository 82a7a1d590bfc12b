// Sound files that the configuration names: what is wrong with one is told at the start, not when somebody waits.
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { messageOf } from '../../core/index.ts';
import { LARGEST_FILE_BYTES, readSoundFile } from '../../media/index.ts';

/** Path of a WAV or Ogg Opus file, relative to the folder in which the server is started. */
export const soundFile = z.string().superRefine((path, context) => {
  const fault = faultOf(path);
  if (fault !== undefined) {
    context.addIssue({ code: 'custom', message: `should name a WAV or Ogg Opus file: ${fault}` });
  }
});

/** What is wrong with a sound file; undefined where it can be played. */
function faultOf(path: string): string | undefined {
  try {
    const { size } = statSync(path);
    if (size > LARGEST_FILE_BYTES)
      return `it has ${size} bytes, and at most ${LARGEST_FILE_BYTES} are played`;
    readSoundFile(readFileSync(path), path);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
