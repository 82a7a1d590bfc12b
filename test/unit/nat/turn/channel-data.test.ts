import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { decodeChannelData, encodeChannelData, isChannelData } from '../../../../nat/index.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('ChannelData (RFC 8656 §12.4)', () => {
  test('is its channel, its length and its data', () => {
    const message = encodeChannelData(0x4abc, bytes(1, 2, 3));
    expect(message).toEqual(bytes(0x4a, 0xbc, 0, 3, 1, 2, 3));
    expect(decodeChannelData(message)).toEqual({ channel: 0x4abc, data: bytes(1, 2, 3) });
  });

  test('may carry nothing (RFC 8656 §12.6)', () => {
    expect(decodeChannelData(bytes(0x40, 0, 0, 0))).toEqual({ channel: 0x4000, data: bytes() });
  });

  test('padding is no data (RFC 8656 §12.5)', () => {
    expect(decodeChannelData(bytes(0x40, 0, 0, 1, 7, 0, 0, 0))).toEqual({ channel: 0x4000, data: bytes(7) });
  });

  test.each([
    { name: 'nothing', input: bytes() },
    { name: 'half a header', input: bytes(0x40, 0, 0) },
    { name: 'a length past the end', input: bytes(0x40, 0, 0, 2, 1) },
    { name: 'the channel below the first', input: bytes(0x3f, 0xff, 0, 0) },
    { name: 'the channel above the last (RFC 8656 §12)', input: bytes(0x50, 0, 0, 0) },
  ])('$name is none', ({ input }) => {
    expect(decodeChannelData(input)).toBeInstanceOf(DecodeError);
  });

  test.each([
    [0x3f, false],
    [0x40, true],
    [0x4f, true],
    [0x50, false],
  ])('a first byte of %i tells it: %s', (first, expected) => {
    expect(isChannelData(bytes(first, 0))).toBe(expected);
  });
});
