import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { RedBlocks } from '../../../../media/red/index.ts';

/** A header of a copy, written as RFC 2198 §3 draws it. */
const header = (payloadType: number, offset: number, length: number) => {
  const word = (((1 << 31) | (payloadType << 24) | (offset << 10) | length) >>> 0).toString(16);
  return [...Buffer.from(word, 'hex')];
};

function decoded(bytes: readonly number[], start = 0, end = bytes.length) {
  const blocks = new RedBlocks();
  const error = blocks.decode(Uint8Array.from(bytes), start, end);
  if (error) return error;
  return Array.from({ length: blocks.copyCount + 1 }, (_, block) => ({
    payloadType: blocks.payloadTypeOf(block),
    offset: blocks.timestampOffsetOf(block),
    bytes: bytes.slice(blocks.startOf(block), blocks.endOf(block)),
  }));
}

describe('RedBlocks', () => {
  it.each([
    {
      name: 'a primary alone',
      input: [111, 1, 2, 3],
      expected: [{ payloadType: 111, offset: 0, bytes: [1, 2, 3] }],
    },
    {
      name: 'a copy and a primary',
      input: [...header(111, 960, 2), 111, 8, 9, 1, 2, 3],
      expected: [
        { payloadType: 111, offset: 960, bytes: [8, 9] },
        { payloadType: 111, offset: 0, bytes: [1, 2, 3] },
      ],
    },
    {
      name: 'copies of other formats, the oldest first, and the largest offset and length',
      input: [...header(0, 0x3fff, 1), ...header(127, 1, 1023), 8, 7, ...Array(1023).fill(6), 5],
      expected: [
        { payloadType: 0, offset: 0x3fff, bytes: [7] },
        { payloadType: 127, offset: 1, bytes: Array(1023).fill(6) },
        { payloadType: 8, offset: 0, bytes: [5] },
      ],
    },
    {
      name: 'empty blocks',
      input: [...header(5, 160, 0), 111],
      expected: [
        { payloadType: 5, offset: 160, bytes: [] },
        { payloadType: 111, offset: 0, bytes: [] },
      ],
    },
  ])('reads $name (RFC 2198 §3)', ({ input, expected }) => {
    expect(decoded(input)).toEqual(expected);
  });

  it('reads from start to end, and nothing around them', () => {
    expect(decoded([0xff, 0xff, 111, 1, 2, 0xff], 2, 5)).toEqual([
      { payloadType: 111, offset: 0, bytes: [1, 2] },
    ]);
  });

  it.each([
    { name: 'nothing', input: [], code: 'RED_TRUNCATED' },
    { name: 'half a header', input: [0x80 | 111, 1, 2], code: 'RED_TRUNCATED' },
    { name: 'no primary', input: header(111, 960, 0), code: 'RED_TRUNCATED' },
    {
      name: 'a copy longer than the packet',
      input: [...header(111, 960, 3), 111, 1, 2],
      code: 'RED_OVERRUN',
    },
    {
      name: 'copies that are together longer than the packet',
      input: [...header(111, 1920, 2), ...header(111, 960, 2), 111, 1, 2, 3],
      code: 'RED_OVERRUN',
    },
    {
      name: 'seventeen copies',
      input: [...Array.from({ length: 17 }, () => header(111, 960, 0)).flat(), 111],
      code: 'RED_TOO_MANY_BLOCKS',
    },
  ])('refuses $name', ({ input, code }) => {
    expect(decoded(input)).toMatchObject({ code });
  });

  it('has no copies after an error, whatever it decoded before', () => {
    const blocks = new RedBlocks();
    blocks.decode(Uint8Array.from([...header(111, 960, 1), 111, 1, 2]), 0, 7);
    expect(blocks.copyCount).toBe(1);
    expect(blocks.decode(Uint8Array.of(0xff), 0, 1)).toBeInstanceOf(DecodeError);
    expect(blocks.copyCount).toBe(0);
  });

  it('reads any bytes without a throw, and no block leaves the payload or overlaps another', () => {
    const blocks = new RedBlocks();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(4), (bytes, start) => {
        if (start > bytes.length || blocks.decode(bytes, start, bytes.length)) return;
        let at = blocks.startOf(0);
        expect(at).toBeGreaterThan(start);
        for (let block = 0; block <= blocks.copyCount; block += 1) {
          expect(blocks.startOf(block)).toBe(at);
          at = blocks.endOf(block);
          expect(at).toBeGreaterThanOrEqual(blocks.startOf(block));
        }
        expect(at).toBe(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });
});
