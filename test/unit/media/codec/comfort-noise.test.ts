import { describe, expect, it } from 'vitest';
import { DecodeError, SeededRandom } from '../../../../core/index.ts';
import {
  type ComfortNoise,
  ComfortNoiseGenerator,
  decodeComfortNoise,
  encodeComfortNoise,
  measureNoise,
} from '../../../../media/codec/index.ts';
import { levelDbov, SILENCE_DBOV } from '../../../support/index.ts';

/** Noise of one pole: a positive `pole` makes it dull, a negative one shrill. */
function noise(pole: number, length = 16_000): Int16Array {
  const random = new SeededRandom(3389);
  let last = 0;
  return Int16Array.from({ length }, () => {
    last = pole * last + 2000 * (random.float() - 0.5);
    return last;
  });
}

function played(
  description: ComfortNoise,
  length = 16_000,
  generator = new ComfortNoiseGenerator(),
): Int16Array {
  generator.update(description);
  return generator.generate(length);
}

describe('encodeComfortNoise() and decodeComfortNoise() (RFC 3389 §3)', () => {
  it('write the level without its sign, and coefficients around 127', () => {
    const payload = encodeComfortNoise({ levelDbov: -45, reflection: [0, -0.5, 0.5, 0.9999, -0.9999] });
    expect([...payload]).toEqual([45, 127, 63, 191, 254, 0]);
  });

  it.each([
    { levelDbov: 3, byte: 0 },
    { levelDbov: -127, byte: 127 },
    { levelDbov: -200, byte: 127 },
  ])('keep $levelDbov dBov in its seven bits', ({ levelDbov: level, byte }) => {
    expect([...encodeComfortNoise({ levelDbov: level, reflection: [] })]).toEqual([byte]);
  });

  it('give every payload back', () => {
    for (let code = 0; code < 255; code += 1) {
      const payload = Uint8Array.of(code & 127, code, 254 - code);
      const decoded = decodeComfortNoise(payload);
      if (decoded instanceof DecodeError) throw new Error(decoded.reason);
      expect(encodeComfortNoise(decoded)).toEqual(payload);
      for (const k of decoded.reflection) expect(Math.abs(k)).toBeLessThan(1);
    }
  });

  it.each([
    { name: 'no level', payload: [], code: 'CN_EMPTY', offset: 0 },
    { name: 'a level over 127', payload: [128], code: 'CN_LEVEL', offset: 0 },
    { name: 'a coefficient that is not used', payload: [50, 127, 255], code: 'CN_COEFFICIENT', offset: 2 },
  ])('refuse $name', ({ payload, code, offset }) => {
    expect(decodeComfortNoise(Uint8Array.from(payload))).toMatchObject({ code, offset });
  });

  it('cut a model of any length to 24 coefficients', () => {
    const payload = new Uint8Array(1400).fill(100);
    expect(decodeComfortNoise(payload)).toMatchObject({ reflection: { length: 24 } });
  });
});

describe('measureNoise()', () => {
  it.each([0, 0.6, -0.6])('finds the level and the pole %d of a noise', (pole) => {
    const pcm = noise(pole);
    const { levelDbov: level, reflection } = measureNoise(pcm);
    expect(level).toBeCloseTo(levelDbov(pcm), 6);
    expect(reflection).toHaveLength(8);
    expect(reflection[0]).toBeCloseTo(-pole, 1);
    for (const k of reflection.slice(1)) expect(Math.abs(k)).toBeLessThan(0.05);
  });

  it('measures silence, and the level alone', () => {
    expect(measureNoise(new Int16Array(160), 2)).toEqual({ levelDbov: SILENCE_DBOV, reflection: [0, 0] });
    expect(measureNoise(noise(0.5), 0).reflection).toEqual([]);
  });
});

describe('ComfortNoiseGenerator', () => {
  it.each([
    { levelDbov: -20, reflection: [] },
    { levelDbov: -40, reflection: [-0.9] },
    { levelDbov: -60, reflection: [0.7, -0.3, 0.2, 0.1] },
  ])('plays $levelDbov dBov, whatever the colour', (description) => {
    expect(Math.abs(levelDbov(played(description)) - description.levelDbov)).toBeLessThan(1);
  });

  it('plays a noise of the colour that was measured', () => {
    const measured = measureNoise(noise(0.7));
    const again = measureNoise(played(measured));
    for (const [i, k] of measured.reflection.entries())
      expect(Math.abs(k - (again.reflection[i] ?? 0))).toBeLessThan(0.05);
  });

  it('is silent before it knows a noise, and at -127 dBov', () => {
    expect(levelDbov(new ComfortNoiseGenerator().generate(800))).toBe(SILENCE_DBOV);
    expect(levelDbov(played({ levelDbov: -127, reflection: [0.5] }))).toBe(SILENCE_DBOV);
  });

  it('changes its level by and by, over some 100 ms', () => {
    const generator = new ComfortNoiseGenerator();
    played({ levelDbov: -60, reflection: [] }, 1600, generator);
    generator.update({ levelDbov: -30, reflection: [] });
    const blocks = Array.from({ length: 20 }, () => levelDbov(generator.generate(80)));
    expect(blocks[0]).toBeLessThan(-39);
    expect(blocks[4]).toBeLessThan(-31);
    expect(Math.abs((blocks.at(-1) ?? 0) + 30)).toBeLessThan(2);
  });

  it('plays the same from the same seed, in pieces of whole blocks as in one', () => {
    const description = { levelDbov: -40, reflection: [-0.5] };
    const whole = played(description, 480, new ComfortNoiseGenerator(7));
    const generator = new ComfortNoiseGenerator(7);
    const first = played(description, 160, generator);
    expect([...first, ...generator.generate(320)]).toEqual([...whole]);
    expect(played(description, 480, new ComfortNoiseGenerator(8))).not.toEqual(whole);
  });

  it('stays within bounds for the wildest filter', () => {
    const wild = {
      levelDbov: 0,
      reflection: Array.from({ length: 24 }, (_, i) => (i % 2 ? 0.9999 : -0.9999)),
    };
    const generator = new ComfortNoiseGenerator();
    for (const description of [wild, { ...wild, reflection: [0.99] }, wild]) {
      expect(played(description, 8000, generator).every(Number.isFinite)).toBe(true);
    }
    const after = played({ levelDbov: -50, reflection: [] }, 16_000, generator).subarray(8000);
    expect(Math.abs(levelDbov(after) + 50)).toBeLessThan(1);
  });
});
