// Sound files that the configuration names: what is wrong with one is told at the start, not when somebody waits.
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { messageOf } from '../../core/index.ts';
import { parseWav } from '../../media/index.ts';

const LARGEST_BYTES = 64 * 1024 * 1024;

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
    if (size > LARGEST_BYTES) return `it has ${Math.ceil(size / 1024 / 1024)} MB, at most 64 are played`;
    const bytes = readFileSync(path);
    if (isOggOpus(bytes)) return undefined;
    parseWav(bytes, path);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** RFC 7845 §5.1: the first page has a segment table of one entry, and then the identification header. */
function isOggOpus(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, 4) === 'OggS' && bytes.toString('latin1', 28, 36) === 'OpusHead';
}
