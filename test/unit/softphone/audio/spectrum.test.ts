import { describe, expect, it } from 'vitest';
import { powerSpectrum } from '../../../../softphone/audio/spectrum.ts';

const SIZE = 256;

function tone(bin: number, length = SIZE): Int16Array {
  return Int16Array.from({ length }, (_, i) => 8000 * Math.cos((2 * Math.PI * bin * i) / SIZE));
}

describe('powerSpectrum()', () => {
  it.each([2, 10, 100, 126])('finds a tone in its bin (%i) and its two neighbours', (bin) => {
    const powers = powerSpectrum(tone(bin), SIZE);
    expect(powers).toHaveLength(SIZE / 2 + 1);
    expect(powers.indexOf(Math.max(...powers))).toBe(bin);
    const total = powers.reduce((sum, power) => sum + power, 0);
    const around = powers.subarray(bin - 1, bin + 2).reduce((sum, power) => sum + power, 0);
    expect(around / total).toBeGreaterThan(0.999);
  });

  it('holds the power of the windowed block (Parseval)', () => {
    const powers = powerSpectrum(tone(20), SIZE);
    // Of a two-sided spectrum: all bins but the first and the last stand for two.
    const total = powers.reduce((sum, power, k) => sum + power * (k === 0 || k === SIZE / 2 ? 1 : 2), 0);
    // A cosine has half its squared amplitude, a Hann window leaves three eighths of it.
    expect(total / SIZE / ((8000 ** 2 / 2) * (3 / 8))).toBeCloseTo(1, 3);
  });

  it('fills a short block with zeros: the same tone, half as sharp', () => {
    const powers = powerSpectrum(tone(40, SIZE / 2), SIZE);
    expect(powers.indexOf(Math.max(...powers))).toBe(40);
    expect(powers[41] ?? 0).toBeGreaterThan((powers[40] ?? 0) / 4);
  });

  it('is nothing for silence', () => {
    expect(Math.max(...powerSpectrum(new Int16Array(SIZE), SIZE))).toBe(0);
  });
});
