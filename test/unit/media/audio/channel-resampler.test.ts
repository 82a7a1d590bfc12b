import { describe, expect, it } from 'vitest';
import { atRate, ChannelResampler, SoundSource } from '../../../../media/index.ts';
import { makeTone, toneLevelDbov } from '../../../support/index.ts';

const left = makeTone({ frequencyHz: 440, clockRateHz: 16_000, durationMs: 400 });
const right = makeTone({ frequencyHz: 1000, clockRateHz: 16_000, durationMs: 400 });
const both = Int16Array.from(
  { length: 2 * left.length },
  (_, i) => (i % 2 === 0 ? left : right)[i >> 1] ?? 0,
);

const channelOf = (pcm: Int16Array, channel: number) => pcm.filter((_sample, index) => index % 2 === channel);
const levelAt = (pcm: Int16Array, frequencyHz: number) =>
  toneLevelDbov(pcm.slice(pcm.length / 2), { frequencyHz, clockRateHz: 48_000 });

describe('ChannelResampler', () => {
  it('keeps the channels apart', () => {
    const pcm = new ChannelResampler(16_000, 48_000, 2).process(both);
    expect(pcm).toHaveLength(3 * both.length);
    for (const [channel, own, other] of [
      [0, 440, 1000],
      [1, 1000, 440],
    ] as const) {
      const samples = channelOf(pcm, channel);
      expect(levelAt(samples, own)).toBeGreaterThan(-30);
      expect(levelAt(samples, other)).toBeLessThan(-60);
    }
  });
});

describe('SoundSource', () => {
  it('gives two channels where they are asked for, at any rate', () => {
    const source = atRate(new SoundSource({ sampleRateHz: 16_000, channels: 2, pcm: both }, 2), 48_000);
    const pcm = new Int16Array(2 * 48_000 * 0.4);
    source.read(pcm);
    expect(source.channels).toBe(2);
    expect(levelAt(channelOf(pcm, 0), 440)).toBeGreaterThan(-30);
    expect(levelAt(channelOf(pcm, 0), 1000)).toBeLessThan(-60);
  });

  it('gives one channel on both sides, and silence behind its end', () => {
    const source = new SoundSource({ sampleRateHz: 8000, channels: 1, pcm: Int16Array.of(1, 2) }, 2);
    const pcm = new Int16Array(6).fill(9);
    source.read(pcm);
    expect([...pcm]).toEqual([1, 1, 2, 2, 0, 0]);
    expect(source.isEnded).toBe(true);
  });
});
