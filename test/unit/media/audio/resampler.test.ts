import { describe, expect, it } from 'vitest';
import { ResampledSource, Resampler, resample, ToneSource } from '../../../../media/audio/index.ts';

const RATES = [8000, 16_000, 24_000, 32_000, 44_100, 48_000];
const PAIRS = RATES.flatMap((inputHz) =>
  RATES.filter((rate) => rate !== inputHz).map((outputHz) => ({ inputHz, outputHz })),
);

const sine = (frequencyHz: number, rate: number, length: number, delayMs = 0) =>
  Int16Array.from({ length }, (_, i) =>
    Math.round(10_000 * Math.sin(2 * Math.PI * frequencyHz * (i / rate - delayMs / 1000))),
  );

function inFrames(resampler: Resampler, pcm: Int16Array, frame: number): Int16Array {
  const parts: number[] = [];
  for (let at = 0; at < pcm.length; at += frame)
    parts.push(...resampler.process(pcm.subarray(at, at + frame)));
  return Int16Array.from(parts);
}

describe.each(PAIRS)('Resampler from $inputHz to $outputHz Hz', ({ inputHz, outputHz }) => {
  it('gives a whole frame of 20 ms for each, and a clean tone without a seam', () => {
    const resampler = new Resampler(inputHz, outputHz);
    const frame = inputHz / 50;
    const output = inFrames(resampler, sine(1000, inputHz, frame * 10), frame);
    expect(output).toHaveLength((outputHz / 50) * 10);
    const expected = sine(1000, outputHz, output.length, resampler.delayMs);
    const settled = Math.ceil((2 * resampler.delayMs * outputHz) / 1000);
    let noise = 0;
    for (let i = settled; i < output.length; i += 1) noise += ((output[i] ?? 0) - (expected[i] ?? 0)) ** 2;
    const snr = 10 * Math.log10((10_000 ** 2 / 2) * ((output.length - settled) / noise));
    expect(snr).toBeGreaterThan(60);
  });
});

describe('Resampler', () => {
  it('gives the same for frames of any length', () => {
    const pcm = sine(700, 44_100, 4410);
    const whole = new Resampler(44_100, 48_000).process(pcm);
    for (const frame of [1, 7, 441, 882, 1000]) {
      expect(inFrames(new Resampler(44_100, 48_000), pcm, frame)).toEqual(whole);
    }
  });

  it.each([160, 441, 7])('goes through silence (frames of %i samples) as through any sound', (frame) => {
    const parts = [
      sine(700, 44_100, 1000),
      new Int16Array(6173),
      sine(700, 44_100, 1000),
      new Int16Array(900),
    ];
    const pcm = Int16Array.from(parts.flatMap((part) => [...part]));
    const whole = new Resampler(44_100, 48_000).process(pcm);
    expect(inFrames(new Resampler(44_100, 48_000), pcm, frame)).toEqual(whole);
  });

  it('lets nothing through that the lower rate cannot carry', () => {
    const output = new Resampler(48_000, 8000).process(sine(6000, 48_000, 48_000));
    expect(Math.max(...output.subarray(200).map(Math.abs))).toBeLessThan(10);
  });

  it('clips instead of wrapping', () => {
    const square = Int16Array.from({ length: 800 }, (_, i) => (i % 40 < 20 ? 32_767 : -32_768));
    const output = new Resampler(8000, 48_000).process(square);
    let largestStep = 0;
    for (let i = 1; i < output.length; i += 1) {
      largestStep = Math.max(largestStep, Math.abs((output[i] ?? 0) - (output[i - 1] ?? 0)));
    }
    expect(largestStep).toBeLessThan(30_000);
  });

  it('keeps the length over an hour, whatever the rates', () => {
    const resampler = new Resampler(44_100, 48_000);
    let count = 0;
    for (let i = 0; i < 4410; i += 1) count += resampler.process(new Int16Array(10)).length;
    expect(count).toBe(48_000);
  });
});

it('resample() keeps a recording in place and in length', () => {
  const output = resample(sine(500, 8000, 8000), 8000, 48_000);
  const expected = sine(500, 48_000, 48_000);
  expect(output).toHaveLength(48_000);
  for (let i = 2000; i < 46_000; i += 97)
    expect(Math.abs((output[i] ?? 0) - (expected[i] ?? 0))).toBeLessThan(30);
});

it('ResampledSource fills frames of any length', () => {
  const source = new ResampledSource(new ToneSource(440, 44_100), 8000);
  const reference = new ResampledSource(new ToneSource(440, 44_100), 8000);
  const whole = new Int16Array(1600);
  reference.read(whole);
  const parts = new Int16Array(1600);
  for (let at = 0; at < 1600; at += 160) source.read(parts.subarray(at, at + 160));
  expect(parts).toEqual(whole);
});
