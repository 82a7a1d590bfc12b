// Names of the files of a recording.
import { OperationError } from '../../core/index.ts';
import type { RecordingFormat } from './types.ts';

/** Of a name, and of a label in it: most file systems take 255 bytes. */
const LONGEST_NAME = 120;
const LONGEST_LABEL = 40;

/** What a file of this format ends with. */
export function extensionOf(format: RecordingFormat): string {
  return format === 'wav' ? '.wav' : '.opus';
}

/** @throws OperationError `RECORDING_UNUSABLE` where the name could lead out of the folder */
export function checkRecordingName(name: string): void {
  const isPlain = /^[\p{L}\p{N}][\p{L}\p{N} ._+@=,-]*$/u.test(name);
  if (isPlain && name.length <= LONGEST_NAME) return;
  const rule = `begin with a letter or digit, and have at most ${LONGEST_NAME} letters, digits, spaces or "._+@=,-"`;
  throw new OperationError('RECORDING_UNUSABLE', `the name of a recording is "${name}", and should ${rule}`);
}

/**
 * The name of a track after whose it is; the second of one name gets a number.
 *
 * @param taken - names of the recording so far; this one is added
 */
export function trackName(name: string, label: string, taken: Set<string>): string {
  const plain = label.replaceAll(/[^\p{L}\p{N}._+@-]/gu, '_').slice(0, LONGEST_LABEL) || 'member';
  let candidate = `${name}-${plain}`;
  for (let number = 2; taken.has(candidate.toLowerCase()); number += 1)
    candidate = `${name}-${plain}-${number}`;
  taken.add(candidate.toLowerCase());
  return candidate;
}

/** A path without its folder. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
