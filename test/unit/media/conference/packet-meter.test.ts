// How loud a packet is by its bytes alone.
import { describe, expect, it } from 'vitest';
import { aLaw, encodeG711, G722Encoder, muLaw } from '../../../../media/codec/index.ts';
import { meterFor } from '../../../../media/conference/packet-meter.ts';
import type { PayloadFormat } from '../../../../media/index.ts';
import { makeTone } from '../../../support/tones.ts';

const format = (encoding: string, clockRateHz = 8000, channels = 1): PayloadFormat => ({
  payloadType: 96,
  encoding,
  clockRateHz,
  channels,
});

function meter(of: PayloadFormat) {
  const found = meterFor(of);
  if (!found) throw new Error(`no meter for ${of.encoding}`);
  return found;
}

function noise(length: number, amplitude: number): Int16Array {
  let seed = 7;
  return Int16Array.from({ length }, () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
    return (seed / 2 ** 31) * amplitude;
  });
}

function bigEndian(pcm: Int16Array): Uint8Array {
  return Uint8Array.from({ length: 2 * pcm.length }, (_, i) => (pcm[i >> 1] ?? 0) >> (i % 2 === 0 ? 8 : 0));
}

describe('meterFor()', () => {
  const tone = (clockRateHz: number, levelDbov: number) =>
    makeTone({ frequencyHz: 400, clockRateHz, durationMs: 20, levelDbov });

  it.each([-10, -30, -50])('measures PCMU, PCMA and L16 at %i dBov', (levelDbov) => {
    const pcm = tone(8000, levelDbov);
    expect(meter(format('pcmu')).loudness(encodeG711(muLaw, pcm))).toBeCloseTo(levelDbov, -0.5);
    expect(meter(format('pcma')).loudness(encodeG711(aLaw, pcm))).toBeCloseTo(levelDbov, -0.5);
    expect(meter(format('l16', 16_000)).loudness(bigEndian(tone(16_000, levelDbov)))).toBeCloseTo(
      levelDbov,
      0,
    );
  });

  it.each([
    { name: 'G.711', of: format('pcmu'), bytes: 160, lengthMs: 20 },
    { name: 'G.722', of: format('g722'), bytes: 240, lengthMs: 30 },
    { name: 'L16 in stereo', of: format('l16', 48_000, 2), bytes: 3840, lengthMs: 20 },
  ])('knows how long $name is', ({ of, bytes, lengthMs }) => {
    expect(meter(of).lengthMs(new Uint8Array(bytes))).toBe(lengthMs);
  });

  it('tells loud from soft noise in G.722, by step sizes alone', () => {
    const levels = [20_000, 2000, 200, 20].map((amplitude) => {
      const loudness = meter(format('g722')).loudness(new G722Encoder().encode(noise(3200, amplitude)));
      return Number(loudness);
    });
    // Noise is not predictable: each ten times softer is 20 dB less, up to the largest step.
    expect(levels[0]).toBeGreaterThan(-23);
    expect(levels[1]).toBeCloseTo(-29, -0.8);
    expect(levels[2]).toBeCloseTo(-49, -0.8);
    expect(levels[3]).toBeLessThan(-60);
  });

  it('sees a voice in the bits of SILK (RFC 6716 §4.2.3)', () => {
    const opus = meter(format('opus', 48_000, 2));
    // 20 ms of SILK at wide band, mono, one frame: the first bit is the voice's.
    const silk = (first: number) => Uint8Array.of(9 << 3, first, 1, 2, 3);
    expect(opus.loudness(silk(0x80))).toBe('voice');
    expect(opus.loudness(silk(0x40))).toBe('silence');
    expect(opus.lengthMs(silk(0))).toBe(20);
    // 60 ms: three frames, of which the last has a voice.
    expect(opus.loudness(Uint8Array.of(11 << 3, 0x20, 1, 2))).toBe('voice');
    expect(opus.loudness(Uint8Array.of(11 << 3, 0x10, 1, 2))).toBe('silence');
    // Stereo: mid and side have bits of their own.
    expect(opus.loudness(Uint8Array.of((9 << 3) | 4, 0x20, 1, 2))).toBe('voice');
    expect(opus.loudness(Uint8Array.of((9 << 3) | 4, 0x50, 1, 2))).toBe('silence');
  });

  it('doubts the bits of SILK every two seconds: no detector of voices hears music', () => {
    const opus = meter(format('opus', 48_000, 2));
    const heard = Array.from({ length: 200 }, () => opus.loudness(Uint8Array.of(9 << 3, 0x40, 1, 2, 3)));
    expect(heard.flatMap((loudness, i) => (loudness === 'doubtful' ? [i] : []))).toEqual([99, 199]);
    expect(new Set(heard)).toEqual(new Set(['silence', 'doubtful']));
  });

  it('cannot tell of CELT, nor of the later frames of a packet', () => {
    const opus = meter(format('opus', 48_000, 2));
    expect(opus.loudness(Uint8Array.of(31 << 3, 0x80, 1, 2))).toBe('unknown');
    expect(opus.loudness(Uint8Array.of((9 << 3) | 1, 0, 1, 2, 3))).toBe('unknown');
  });

  it('takes packets without sound, and such as are none, for silence', () => {
    const opus = meter(format('opus', 48_000, 2));
    expect(opus.loudness(Uint8Array.of(31 << 3))).toBe('silence');
    expect(opus.loudness(Uint8Array.of((9 << 3) | 3, 0, 9, 9))).toBe('silence');
    expect(meter(format('cn')).loudness(Uint8Array.of(30))).toBe('silence');
    expect(meter(format('pcmu')).loudness(new Uint8Array(0))).toBe(-127);
    expect(meterFor(format('telephone-event'))).toBeUndefined();
  });
});
