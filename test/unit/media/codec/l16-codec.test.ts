import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { describeL16, L16Codec } from '../../../../media/codec/index.ts';
import { makeTone, toneLevelDbov } from '../../../support/index.ts';

describe('L16Codec', () => {
  it('sends the high byte first (RFC 3551 §4.5.11)', () => {
    const payload = new L16Codec().encode(Int16Array.of(0, 1, -1, 0x1234, -32_768));
    expect([...payload]).toEqual([0, 0, 0, 1, 0xff, 0xff, 0x12, 0x34, 0x80, 0]);
  });

  it.each([describeL16(8000), describeL16(16_000), describeL16(48_000), describeL16(48_000, 2)])(
    'carries every sample at $sampleRateHz Hz with $channels channels, 3.75 ms later',
    (description) => {
      const codec = new L16Codec(description);
      const pcm = Int16Array.from({ length: 9600 }, (_, i) => (i * 7919) & 0xffff);
      const delay = 0.00375 * description.sampleRateHz * description.channels;
      const heard = codec.decode(codec.encode(pcm)) as Int16Array; // Not cut.
      expect(heard.subarray(delay)).toEqual(pcm.subarray(0, -delay));
    },
  );

  it('conceals each channel by itself', () => {
    const codec = new L16Codec(describeL16(16_000, 2));
    const left = makeTone({ frequencyHz: 200, clockRateHz: 16_000, durationMs: 100 });
    const right = makeTone({ frequencyHz: 300, clockRateHz: 16_000, durationMs: 100 });
    codec.decode(
      codec.encode(Int16Array.from({ length: 3200 }, (_, i) => (i % 2 ? right : left)[i >> 1] ?? 0)),
    );
    const madeUp = codec.conceal(160);
    expect(madeUp).toHaveLength(320);
    const level = (channel: number, frequencyHz: number) =>
      toneLevelDbov(
        madeUp.filter((_, i) => i % 2 === channel),
        { frequencyHz, clockRateHz: 16_000 },
      );
    expect(level(0, 200)).toBeGreaterThan(-21);
    expect(level(0, 200)).toBeGreaterThan(level(0, 300) + 20);
    expect(level(1, 300)).toBeGreaterThan(-21);
    expect(level(1, 300)).toBeGreaterThan(level(1, 200) + 20);
  });

  it.each([
    { channels: 1, bytes: 319 },
    { channels: 2, bytes: 318 },
  ] as const)('refuses $bytes bytes where there are $channels channels', ({ channels, bytes }) => {
    const codec = new L16Codec(describeL16(8000, channels));
    expect(codec.decode(new Uint8Array(bytes))).toBeInstanceOf(DecodeError);
    expect(codec.decode(new Uint8Array(0))).toEqual(new Int16Array(0));
  });
});
