// Compares typed arrays as memory: vitest asks each of their elements by itself, a thousand times slower.
import { expect } from 'vitest';

// Where they differ it finds out itself, and tells where.
const sameBytes = (a: unknown, b: unknown): true | undefined => {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b)) return undefined;
  if (a.constructor !== b.constructor || a.byteLength !== b.byteLength) return undefined;
  return bytesOf(a).equals(bytesOf(b)) || undefined;
};

const bytesOf = (view: ArrayBufferView) => Buffer.from(view.buffer, view.byteOffset, view.byteLength);

expect.addEqualityTesters([sameBytes]);
