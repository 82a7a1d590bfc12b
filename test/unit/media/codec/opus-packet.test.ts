import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { isOpusStereo, OpusPacket, opusFrameMs } from '../../../../media/codec/opus-packet.ts';

const SILK_NB_20 = 1 << 3;
const SILK_WB_60 = 11 << 3;
const HYBRID_FB_20 = 15 << 3;
const CELT_FB_20 = 31 << 3;
const STEREO = 4;

/** A packet: its head, then as many bytes as `rest` says. */
const packet = (head: readonly number[], rest = 0) => {
  const bytes = new Uint8Array(head.length + rest);
  bytes.set(head);
  return bytes;
};
const framesOf = (payload: Uint8Array) => {
  const read = new OpusPacket();
  return read.read(payload) ?? { count: read.frameCount, first: read.firstFrameSize };
};

describe('opusFrameMs()', () => {
  it('knows the length of every configuration (RFC 6716 §3.1, table 2)', () => {
    const silk = [10, 20, 40, 60];
    const celt = [2.5, 5, 10, 20];
    const table = [...silk, ...silk, ...silk, 10, 20, 10, 20, ...celt, ...celt, ...celt, ...celt];
    expect(Array.from({ length: 32 }, (_, config) => opusFrameMs((config << 3) | 7))).toEqual(table);
  });
});

describe('OpusPacket', () => {
  it.each([
    { name: 'code 0: the whole rest', payload: packet([SILK_NB_20], 37), count: 1, first: 37 },
    { name: 'code 0: nothing, which is silence or loss', payload: packet([SILK_NB_20]), count: 1, first: 0 },
    { name: 'code 0: the longest frame', payload: packet([CELT_FB_20], 1275), count: 1, first: 1275 },
    { name: 'code 1: two equal frames', payload: packet([SILK_NB_20 | 1], 20), count: 2, first: 10 },
    { name: 'code 2: two frames', payload: packet([SILK_NB_20 | 2, 7], 20), count: 2, first: 7 },
    {
      name: 'code 2: a length of two bytes',
      payload: packet([CELT_FB_20 | 2, 253, 2], 300),
      count: 2,
      first: 261,
    },
    {
      name: 'code 3: constant size',
      payload: packet([SILK_NB_20 | 3, 6], 60),
      count: 6,
      first: 10,
    },
    { name: 'code 3: a size each', payload: packet([SILK_NB_20 | 3, 0x83, 5, 0], 12), count: 3, first: 5 },
    { name: 'code 3: padded', payload: packet([SILK_NB_20 | 3, 0x42, 3], 23), count: 2, first: 10 },
    {
      name: 'code 3: long padding',
      payload: packet([SILK_NB_20 | 3, 0xc2, 255, 1, 4], 265),
      count: 2,
      first: 4,
    },
    {
      name: 'code 3: 48 frames of 2.5 ms',
      payload: packet([(28 << 3) | 3, 48], 48),
      count: 48,
      first: 1,
    },
  ])('finds the frames: $name', ({ payload, count, first }) => {
    expect(framesOf(payload)).toEqual({ count, first });
  });

  it.each([
    { name: 'nothing (R1)', payload: packet([]) },
    { name: 'a frame too long (R2)', payload: packet([CELT_FB_20], 1276) },
    { name: 'code 1: an odd rest (R3)', payload: packet([SILK_NB_20 | 1], 21) },
    { name: 'code 2: no length (R4)', payload: packet([SILK_NB_20 | 2]) },
    { name: 'code 2: half a length (R4)', payload: packet([SILK_NB_20 | 2, 252]) },
    { name: 'code 2: longer than the packet (R4)', payload: packet([SILK_NB_20 | 2, 30], 29) },
    { name: 'code 2: the last too long (R2)', payload: packet([SILK_NB_20 | 2, 1], 1277) },
    { name: 'code 3: no count (R6)', payload: packet([SILK_NB_20 | 3]) },
    { name: 'code 3: no frames (R5)', payload: packet([SILK_NB_20 | 3, 0], 10) },
    { name: 'code 3: 140 ms (R5)', payload: packet([SILK_NB_20 | 3, 7], 70) },
    { name: 'code 3: 180 ms (R5)', payload: packet([SILK_WB_60 | 3, 3], 30) },
    { name: 'code 3: a remainder (R6)', payload: packet([SILK_NB_20 | 3, 2], 21) },
    { name: 'code 3: more padding than packet (R6)', payload: packet([SILK_NB_20 | 3, 0x41, 9], 8) },
    { name: 'code 3: padding without end (R6)', payload: packet([SILK_NB_20 | 3, 0x41, 255, 255]) },
    {
      name: 'code 3: sizes past the padding (R7)',
      payload: packet([SILK_NB_20 | 3, 0xc3, 9, 1, 1], 9),
    },
    { name: 'code 3: sizes past the end (R7)', payload: packet([SILK_NB_20 | 3, 0x83, 5]) },
  ])('refuses what RFC 6716 §3.4 calls malformed: $name', ({ payload }) => {
    expect(framesOf(payload)).toBeInstanceOf(DecodeError);
  });

  it.each([
    { name: '20 ms mono, VAD only', toc: SILK_NB_20, first: 0b1000_0000, has: false },
    { name: '20 ms mono', toc: SILK_NB_20, first: 0b0100_0000, has: true },
    { name: '20 ms mono, all other bits', toc: SILK_NB_20, first: 0b1011_1111, has: false },
    { name: 'hybrid', toc: HYBRID_FB_20, first: 0b0100_0000, has: true },
    { name: '20 ms stereo, side', toc: SILK_NB_20 | STEREO, first: 0b0001_0000, has: true },
    { name: '20 ms stereo, all other bits', toc: SILK_NB_20 | STEREO, first: 0b1010_1111, has: false },
    { name: '40 ms mono', toc: 10 << 3, first: 0b0010_0000, has: true },
    { name: '60 ms mono', toc: SILK_WB_60, first: 0b0001_0000, has: true },
    { name: '60 ms mono, the side bit', toc: SILK_WB_60, first: 0b0000_0001, has: false },
    { name: '60 ms stereo, side', toc: SILK_WB_60 | STEREO, first: 0b0000_0001, has: true },
    { name: 'CELT has none', toc: CELT_FB_20, first: 0b1111_1111, has: false },
  ])('reads the LBRR flags (RFC 6716 §4.2.3): $name', ({ toc, first, has }) => {
    const read = new OpusPacket();
    expect(read.read(Uint8Array.of(toc, first, 1, 2))).toBeUndefined();
    expect(read.hasLowBitrateCopy).toBe(has);
    expect(isOpusStereo(read.toc)).toBe((toc & STEREO) !== 0);
  });

  it('has no copy in an empty frame, a second frame or a refused packet', () => {
    const read = new OpusPacket();
    read.read(Uint8Array.of(SILK_NB_20));
    expect(read.hasLowBitrateCopy).toBe(false);
    read.read(Uint8Array.of(SILK_NB_20 | 2, 0, 0b0100_0000));
    expect(read.hasLowBitrateCopy).toBe(false);
    read.read(Uint8Array.of(SILK_NB_20 | 3, 0, 0xff, 0xff));
    expect(read.hasLowBitrateCopy).toBe(false);
  });
});
