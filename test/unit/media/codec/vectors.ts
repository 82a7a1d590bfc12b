// Test vectors of the ITU-T software tools, where they are.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** One set of vectors: 16-bit words, little endian. */
export class Vectors {
  readonly #folder: string;

  /** @param path - within `itu-stl-codec-vectors` */
  constructor(path: string) {
    const data = process.env.PATCHCORD_DATA ?? resolve(import.meta.dirname, '../../../../../shared/data');
    this.#folder = resolve(data, 'itu-stl-codec-vectors', path);
  }

  get isPresent(): boolean {
    return existsSync(this.#folder);
  }

  words(name: string): Int16Array {
    const bytes = readFileSync(resolve(this.#folder, name));
    return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  }
}

/** Where two sounds part, or -1: `toEqual` takes as long for a second of sound as a codec for a minute. */
export function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i += 1) if (a[i] !== b[i]) return i;
  return -1;
}
