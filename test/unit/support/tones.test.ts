import { describe, expect, test } from 'vitest';
import { levelDbov, makeTone, residualDbov, SILENCE_DBOV, toneLevelDbov } from '../../support/tones.ts';

const CLOCK_RATES = [8_000, 16_000, 48_000];

describe('levelDbov()', () => {
  test.each([
    { name: 'silence', samples: new Int16Array(160), expected: SILENCE_DBOV },
    { name: 'nothing', samples: new Int16Array(0), expected: SILENCE_DBOV },
    { name: 'a full-scale square wave', samples: Int16Array.of(-32768, -32768), expected: 0 },
    { name: 'half of that', samples: Int16Array.of(16384, -16384), expected: -6.02 },
    { name: 'a single bit', samples: Int16Array.of(1, -1), expected: -90.31 },
  ])('reads $expected for $name', ({ samples, expected }) => {
    expect(levelDbov(samples)).toBeCloseTo(expected, 1);
  });
});

describe('toneLevelDbov()', () => {
  test.each(CLOCK_RATES)('agrees with levelDbov() for a pure tone at %d Hz', (clockRateHz) => {
    const tone = makeTone({ frequencyHz: 440, clockRateHz, durationMs: 1000, levelDbov: -15 });
    expect(levelDbov(tone)).toBeCloseTo(-15, 1);
    expect(toneLevelDbov(tone, { frequencyHz: 440, clockRateHz })).toBeCloseTo(-15, 1);
  });

  test('finds each tone of a mix and not the ones that are absent', () => {
    const clockRateHz = 8_000;
    const tone = (frequencyHz: number, level: number) =>
      makeTone({ frequencyHz, clockRateHz, durationMs: 1000, levelDbov: level });
    const [a, b] = [tone(440, -20), tone(1000, -30)];
    const mix = a.map((sample, i) => sample + (b[i] ?? 0));
    expect(toneLevelDbov(mix, { frequencyHz: 440, clockRateHz })).toBeCloseTo(-20, 0);
    expect(toneLevelDbov(mix, { frequencyHz: 1000, clockRateHz })).toBeCloseTo(-30, 0);
    expect(toneLevelDbov(mix, { frequencyHz: 700, clockRateHz })).toBeLessThan(-70);
  });

  test('reads silence as silence', () => {
    expect(toneLevelDbov(new Int16Array(800), { frequencyHz: 440, clockRateHz: 8000 })).toBe(SILENCE_DBOV);
    expect(toneLevelDbov(new Int16Array(0), { frequencyHz: 440, clockRateHz: 8000 })).toBe(SILENCE_DBOV);
  });
});

describe('residualDbov()', () => {
  const clockRateHz = 48_000;
  const tone = (frequencyHz: number) => makeTone({ frequencyHz, clockRateHz, durationMs: 20 });
  const sum = (a: Int16Array, b: Int16Array) => a.map((sample, i) => sample + (b[i] ?? 0));

  test('finds nothing beside the tones that it knows, whole periods or not', () => {
    const samples = sum(tone(440), tone(1130));
    expect(residualDbov(samples, { frequenciesHz: [440, 1130], clockRateHz })).toBeLessThan(-85);
  });

  test('finds a tone that it does not know at its level', () => {
    const samples = sum(tone(440), tone(3000));
    expect(residualDbov(samples, { frequenciesHz: [440], clockRateHz })).toBeCloseTo(-20, 0);
  });

  test('finds a click', () => {
    const samples = tone(440);
    samples[480] = 20_000;
    expect(residualDbov(samples, { frequenciesHz: [440], clockRateHz })).toBeGreaterThan(-40);
  });
});
