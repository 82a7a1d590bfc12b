// SHA-256 of the beginnings of a file: what two sides compare before they go on.
import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { MOST_MARKS, READ_BYTES } from './limits.ts';
import type { Mark } from './types.ts';

/** A mark, and the hash that goes on from there. */
export interface MarkedHash {
  readonly mark: Mark;
  /** Nothing but the bytes before the mark is in it. */
  readonly hash: Hash;
}

/** Reads a file from its beginning. @returns one entry for each offset that the file reaches; `offsets` are rising */
export async function hashAtMarks(
  handle: FileHandle,
  offsets: readonly number[],
): Promise<readonly MarkedHash[]> {
  const buffer = new Uint8Array(READ_BYTES);
  const hash = createHash('sha256');
  const marks: MarkedHash[] = [];
  let at = 0;
  for (const offsetBytes of offsets) {
    while (at < offsetBytes) {
      const length = Math.min(buffer.length, offsetBytes - at);
      const { bytesRead } = await handle.read(buffer, 0, length, at);
      if (bytesRead === 0) return marks;
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    marks.push({ mark: { offsetBytes, sha256: hash.copy().digest('hex') }, hash: hash.copy() });
  }
  return marks;
}

/** Where a file of so many bytes is marked: at its end and evenly before it, for an end that a crash has spoilt. */
export function markOffsets(sizeBytes: number): readonly number[] {
  const step = sizeBytes / MOST_MARKS;
  const offsets = Array.from({ length: MOST_MARKS }, (_, index) => Math.floor(step * (index + 1)));
  return [...new Set(offsets)].filter((offset) => offset > 0);
}
