import { describe, expect, it } from 'vitest';
import {
  LevelMeter,
  levelDbov,
  SILENCE_DBOV,
  SilenceSource,
  SoundSource,
  SpeechLikeSource,
  ToneSource,
} from '../../../../media/audio/index.ts';

const read = (source: { read(pcm: Int16Array): void }, length: number) => {
  const pcm = new Int16Array(length);
  source.read(pcm);
  return pcm;
};

describe('ToneSource', () => {
  it('goes on across frames without a step', () => {
    const whole = read(new ToneSource(440, 8000), 320);
    const source = new ToneSource(440, 8000);
    expect([...read(source, 160), ...read(source, 160)]).toEqual([...whole]);
  });

  it('has its level and frequency', () => {
    const pcm = read(new ToneSource(1000, 8000), 8000);
    const crossings = pcm.filter((sample, i) => i > 0 && sample >= 0 && (pcm[i - 1] ?? 0) < 0).length;
    expect(crossings).toBeGreaterThanOrEqual(999);
    expect(crossings).toBeLessThanOrEqual(1000);
    expect(levelDbov(pcm)).toBeCloseTo(-15.05, 1);
  });
});

describe('SoundSource', () => {
  it('gives its sound once, then silence', () => {
    const source = new SoundSource({
      sampleRateHz: 8000,
      channels: 2,
      pcm: Int16Array.of(2, 4, 6, 8, 10, 12),
    });
    expect([...read(source, 2)]).toEqual([3, 7]);
    expect(source.isEnded).toBe(false);
    expect([...read(source, 3)]).toEqual([11, 0, 0]);
    expect(source.isEnded).toBe(true);
    expect([...read(source, 1)]).toEqual([0]);
  });
});

describe('SpeechLikeSource', () => {
  it('is the same for the same seed, and another for another', () => {
    const [a, again, b] = [7, 7, 8].map((seed) => read(new SpeechLikeSource(seed), 96_000));
    expect(a).toEqual(again);
    expect(a).not.toEqual(b);
  });

  it('does not depend on how it is read', () => {
    const whole = read(new SpeechLikeSource(3), 9600);
    const source = new SpeechLikeSource(3);
    const parts = Array.from({ length: 10 }, () => [...read(source, 960)]).flat();
    expect(parts).toEqual([...whole]);
  });

  it.each([1, 2, 3, 4, 5])('has the level and the pauses of speech (seed %i)', (seed) => {
    const source = new SpeechLikeSource(seed);
    const meter = new LevelMeter();
    for (let i = 0; i < 500; i += 1) meter.measure(read(source, 960));
    expect(meter.overall).toBeGreaterThan(-28);
    expect(meter.overall).toBeLessThan(-16);
    expect(meter.loudest).toBeLessThan(-6);
    expect(meter.activityRatio).toBeGreaterThan(0.5);
    expect(meter.activityRatio).toBeLessThan(0.95);
  });
});

describe('LevelMeter', () => {
  it.each([
    { name: 'a square wave at full scale', pcm: Int16Array.of(-32_768, -32_768), level: 0 },
    { name: 'one least step', pcm: Int16Array.of(1, -1), level: -90.3 },
    { name: 'silence', pcm: new Int16Array(160), level: SILENCE_DBOV },
    { name: 'nothing', pcm: new Int16Array(0), level: SILENCE_DBOV },
  ])('measures $name', ({ pcm, level }) => {
    expect(levelDbov(pcm)).toBeCloseTo(level, 1);
  });

  it('keeps the loudest, the mean and the active share', () => {
    const meter = new LevelMeter();
    expect([meter.overall, meter.activityRatio]).toEqual([SILENCE_DBOV, 0]);
    meter.measure(new Int16Array(160).fill(16_384));
    meter.measure(read(new SilenceSource(), 160));
    expect(meter.loudest).toBeCloseTo(-6.02, 1);
    expect(meter.overall).toBeCloseTo(-9.03, 1);
    expect([meter.current, meter.activityRatio]).toEqual([SILENCE_DBOV, 0.5]);
  });
});
