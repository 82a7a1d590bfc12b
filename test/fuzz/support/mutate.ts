// Small changes to an input: some bytes more, fewer, other, twice, or none after here.
import type { Random } from '../../../core/index.ts';

const MOST_CHANGES = 4;
const LONGEST_PIECE = 24;

/** @returns a changed copy */
export function mutate(input: Uint8Array, random: Random, fragments: readonly string[] = []): Uint8Array {
  let bytes = input;
  for (let left = random.uint32() % (MOST_CHANGES + 1); left > 0; left -= 1) {
    bytes = changed(bytes, random, fragments);
  }
  return bytes === input ? input.slice() : bytes;
}

function changed(bytes: Uint8Array, random: Random, fragments: readonly string[]): Uint8Array {
  const at = random.uint32() % (bytes.length + 1);
  const end = Math.min(bytes.length, at + (random.uint32() % LONGEST_PIECE));
  const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  switch (random.uint32() % 7) {
    case 0:
      return Buffer.concat([before, fragment(random, fragments), piece, after]);
    case 1:
      return Buffer.concat([before, fragment(random, fragments), after]);
    case 2:
      return Buffer.concat([before, after]);
    case 3:
      return Buffer.concat([before, piece, piece, after]);
    case 4:
      return Buffer.concat([before, random.bytes(1 + (random.uint32() % 4)), after]);
    case 5:
      return flipped(bytes, at, random);
    default:
      return Buffer.from(before);
  }
}

function fragment(random: Random, fragments: readonly string[]): Uint8Array {
  const text = fragments[random.uint32() % (fragments.length || 1)];
  return text === undefined ? random.bytes(1 + (random.uint32() % 8)) : Buffer.from(text);
}

function flipped(bytes: Uint8Array, at: number, random: Random): Uint8Array {
  const copy = Buffer.from(bytes);
  // Nothing lies behind the last byte: nothing is flipped there.
  if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << (random.uint32() % 8));
  return copy;
}
