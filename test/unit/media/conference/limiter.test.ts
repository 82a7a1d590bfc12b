import { describe, expect, it } from 'vitest';
import { Limiter } from '../../../../media/conference/limiter.ts';
import { levelDbov, toneLevelDbov } from '../../../support/index.ts';
import {
  BLOCK,
  blocksOf,
  difference,
  joined,
  noise,
  residueDbov,
  silence,
  speech,
  sum,
  tone,
} from './sound.ts';

function limited(sound: Float32Array, channels = 1): Int16Array {
  const limiter = new Limiter(channels);
  const output = new Int16Array(sound.length);
  const outputs = blocksOf(output, BLOCK * channels);
  blocksOf(sound, BLOCK * channels).forEach((block, i) => {
    limiter.process(block, outputs[i] ?? new Int16Array());
  });
  return output;
}

const scaled = (sound: Float32Array, factor: number) => sound.map((sample) => sample * factor);
const stereo = (left: Float32Array, right: Float32Array) =>
  Float32Array.from({ length: 2 * left.length }, (_, i) => (i % 2 ? right : left)[i >> 1] ?? 0);

/** Distance of what should be there from the rest. */
function cleanDb(output: Int16Array, frequenciesHz: readonly number[]): number {
  const wanted = frequenciesHz.reduce(
    (total, frequencyHz) => total + 10 ** (toneLevelDbov(output, { frequencyHz, clockRateHz: 48_000 }) / 10),
    0,
  );
  const all = 10 ** (levelDbov(output) / 10);
  return 10 * Math.log10(wanted / Math.max(1e-12, all - wanted));
}

describe('Limiter', () => {
  it('passes what stays below half of full scale to the bit', () => {
    const sound = sum(tone(440, -15.6, 200), tone(1000, -15.6, 200), noise(-50, 200));
    expect(
      difference(
        limited(sound),
        Int16Array.from(sound, (sample) => Math.floor(sample + 0.5)),
      ),
    ).toBe(0);
  });

  it.each([
    { name: 'one talker at full scale', sound: tone(440, -3.02, 1000), frequencies: [440], leastDb: 60 },
    {
      name: 'two talkers at full scale',
      sound: sum(tone(440, -3.02, 1000), tone(700, -3.02, 1000)),
      frequencies: [440, 700],
      leastDb: 35,
    },
    {
      name: 'two low voices at full scale',
      sound: sum(tone(100, -3.02, 1000), tone(160, -3.02, 1000)),
      frequencies: [100, 160],
      leastDb: 30,
    },
    {
      name: 'ten times full scale',
      sound: scaled(tone(440, -3.02, 1000), 10),
      frequencies: [440],
      leastDb: 60,
    },
  ])('keeps $name clean', ({ sound, frequencies, leastDb }) => {
    const output = limited(sound).subarray(4800, 4800 + 38_400);
    expect(cleanDb(output, frequencies)).toBeGreaterThan(leastDb);
    expect(levelDbov(output)).toBeGreaterThan(-6.5);
  });

  it.each([1.2, 2, 5, 100, 1e9])('never wraps around, for %f times full scale', (factor) => {
    const sound = joined(silence(30), scaled(sum(tone(100, -6, 500), noise(-6, 500)), factor));
    const output = limited(sound);
    const turned = output.filter((sample, i) => Math.abs(sound[i] ?? 0) > 1 && sample * (sound[i] ?? 0) < 0);
    expect(turned).toHaveLength(0);
    expect(output.some((sample) => Math.abs(sample) > 16_384)).toBe(true);
  });

  it('makes no click where a shout begins, wherever in the block', () => {
    for (const offset of [0, 17, 300, 955]) {
      const sound = joined(tone(440, -20, 100), new Float32Array(0));
      const loud = tone(440, -3.02, 200);
      // The same phase, so that the sound itself has no corner but where it becomes louder; that at a zero of the sine.
      const start = Math.round((48_000 / 440) * Math.round((4800 + offset) / (48_000 / 440)));
      const both = Float32Array.from({ length: 9600 }, (_, i) =>
        i < start ? (sound[i % 4800] ?? 0) * (i < 4800 ? 1 : 0) : 2 * (loud[i] ?? 0),
      );
      const output = Float32Array.from(limited(both));
      const afterwards = output.subarray(start + 2);
      expect(residueDbov(afterwards, 440)).toBeLessThan(-38);
    }
  });

  it('lets go within half a second after a shout', () => {
    const output = limited(joined(scaled(tone(440, -3.02, 200), 2), tone(440, -20, 600)));
    const late = output.subarray(48 * 700);
    expect(toneLevelDbov(late, { frequencyHz: 440, clockRateHz: 48_000 })).toBeCloseTo(-20, 1);
  });

  it('scales both channels alike, so that nobody moves', () => {
    const [left, right] = [scaled(speech(-6, 600), 3), scaled(tone(500, -30, 600), 3)];
    const output = limited(stereo(left, right), 2);
    let [compared, widest] = [0, 0];
    for (let i = 0; i < left.length; i += 1) {
      const [l, r] = [left[i] ?? 0, right[i] ?? 0];
      if (Math.abs(l) < 8000 || Math.abs(r) < 1000) continue;
      const gainLeft = (output[2 * i] ?? 0) / l;
      const gainRight = (output[2 * i + 1] ?? 0) / r;
      if (Math.abs(output[2 * i] ?? 0) < 16_000) {
        widest = Math.max(widest, Math.abs(gainLeft - gainRight));
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(100);
    expect(widest).toBeLessThan(0.01);
  });

  it('gives silence for silence, and for a sum that is no number', () => {
    expect(difference(limited(silence(40)), new Int16Array(1920))).toBe(0);
    expect(difference(limited(new Float32Array(1920).fill(Number.NaN)), new Int16Array(1920))).toBe(0);
  });
});
