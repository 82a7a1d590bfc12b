import { describe, expect, it } from 'vitest';
import { type Place, SpatialPanner } from '../../../../media/conference/spatial-panner.ts';
import { BLOCK, blocksOf, difference, level, noise, residueDbov, tone } from './sound.ts';

const at = (x: number, y: number, facingDegrees = 0): Place => ({ position: { x, y, z: 0 }, facingDegrees });
const NOWHERE: Place = { position: undefined, facingDegrees: 0 };
const MIDDLE = at(0, 0);

/** What the two ears hear. */
function heard(panner: SpatialPanner, voice: Float32Array, beforeBlock?: (index: number) => void) {
  const mix = new Float32Array(2 * voice.length);
  const outputs = blocksOf(mix, 2 * BLOCK);
  blocksOf(voice).forEach((block, i) => {
    beforeBlock?.(i);
    panner.mix(block, outputs[i] ?? new Float32Array());
  });
  return {
    left: Float32Array.from({ length: voice.length }, (_, i) => mix[2 * i] ?? 0),
    right: Float32Array.from({ length: voice.length }, (_, i) => mix[2 * i + 1] ?? 0),
  };
}

function placed(listener: Place, talker: Place): SpatialPanner {
  const panner = new SpatialPanner();
  panner.place(listener, talker);
  return panner;
}

/** By how many samples the right ear hears later than the left. */
function lag(left: Float32Array, right: Float32Array): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (let shift = -40; shift <= 40; shift += 1) {
    let sum = 0;
    for (let i = 1000; i < left.length - 100; i += 1) sum += (left[i] ?? 0) * (right[i + shift] ?? 0);
    if (sum > most) [most, best] = [sum, shift];
  }
  return best;
}

describe('SpatialPanner', () => {
  it.each([
    { name: 'nobody has a place', listener: NOWHERE, talker: NOWHERE },
    { name: 'the listener has none', listener: NOWHERE, talker: at(9, 9) },
    { name: 'the talker stands 1 m in front', listener: MIDDLE, talker: at(0, 1) },
    { name: 'both are at one place', listener: at(3, 4), talker: at(3, 4) },
    { name: 'a place is no number', listener: MIDDLE, talker: at(Number.NaN, 1) },
  ])('gives both ears the voice as it is where $name', ({ listener, talker }) => {
    const voice = noise(-30, 100);
    const { left, right } = heard(placed(listener, talker), voice);
    expect(difference(left, voice)).toBeLessThan(0.1);
    expect(difference(right, voice)).toBeLessThan(0.1);
  });

  it.each([
    { name: 'right', listener: MIDDLE, talker: at(1, 0), sign: 1 },
    { name: 'left', listener: MIDDLE, talker: at(-1, 0), sign: -1 },
    { name: 'left, for one who looks east', listener: at(0, 0, 90), talker: at(0, 1), sign: -1 },
    { name: 'right, for one who looks south', listener: at(0, 0, 180), talker: at(-1, 0), sign: 1 },
    { name: 'right, for one who looks west', listener: at(5, 5, -90), talker: at(5, 6), sign: 1 },
  ])('tells $name by level, time and colour', ({ listener, talker, sign }) => {
    const { left, right } = heard(placed(listener, talker), noise(-30, 200));
    const [near, far] = sign > 0 ? [right, left] : [left, right];
    expect(level(near) - level(far)).toBeGreaterThan(12);
    // The low-pass of the far ear is late by a sample or two itself.
    expect(sign * lag(right, left)).toBeGreaterThanOrEqual(31);
    expect(sign * lag(right, left)).toBeLessThanOrEqual(34);
    const dull = (sound: Float32Array) => level(edges(sound)) - level(sound);
    expect(dull(near) - dull(far)).toBeGreaterThan(4);
  });

  it('keeps the power, wherever in front somebody is', () => {
    for (let degrees = -90; degrees <= 90; degrees += 15) {
      const angle = (degrees * Math.PI) / 180;
      const { left, right } = heard(
        placed(MIDDLE, at(Math.sin(angle), Math.cos(angle))),
        tone(200, -30, 100),
      );
      const [l, r] = [left.subarray(BLOCK), right.subarray(BLOCK)];
      const power = 10 ** (level(l) / 10) + 10 ** (level(r) / 10);
      expect(Math.abs(10 * Math.log10(power / 2) + 30)).toBeLessThan(0.3);
    }
  });

  it.each([
    { metres: 0.5, loss: 0 },
    { metres: 1, loss: 0 },
    { metres: 2, loss: 6 },
    { metres: 4, loss: 12 },
    { metres: 1000, loss: 26 },
  ])('is $loss dB softer at $metres m', ({ metres, loss }) => {
    const { left } = heard(placed(MIDDLE, at(0, metres)), tone(500, -20, 100));
    expect(level(left.subarray(BLOCK))).toBeCloseTo(-20 - loss, 0);
  });

  it('is duller from behind than from in front, at the same level of what is low', () => {
    const from = (y: number, sound: Float32Array) => level(heard(placed(MIDDLE, at(0, y)), sound).left);
    expect(from(1, tone(8000, -30, 200)) - from(-1, tone(8000, -30, 200))).toBeGreaterThan(3);
    expect(Math.abs(from(1, tone(300, -30, 200)) - from(-1, tone(300, -30, 200)))).toBeLessThan(0.3);
  });

  it('counts height as distance, and not as a side', () => {
    const above: Place = { position: { x: 0.1, y: 0, z: 4 }, facingDegrees: 0 };
    const { left, right } = heard(placed(MIDDLE, above), tone(500, -20, 100));
    expect(level(left.subarray(BLOCK))).toBeCloseTo(-32, 0);
    expect(Math.abs(level(left) - level(right))).toBeLessThan(0.5);
  });

  it('moves without a click: once around the head while talking, in 400 ms', () => {
    const panner = placed(MIDDLE, at(0, 1));
    const { left, right } = heard(panner, tone(440, -10, 600), (block) => {
      const angle = (2 * Math.PI * Math.min(20, block)) / 20;
      panner.place(MIDDLE, at(Math.sin(angle), Math.cos(angle)));
    });
    expect(residueDbov(left, 440)).toBeLessThan(-50);
    expect(residueDbov(right, 440)).toBeLessThan(-50);
  });

  it('adds to what is there, and leaves the voice as it is', () => {
    const voice = tone(440, -20, 20);
    const copy = voice.slice();
    const into = new Float32Array(2 * BLOCK).fill(1000);
    placed(MIDDLE, at(0, 1)).mix(voice, into);
    expect(difference(voice, copy)).toBe(0);
    expect(into[2 * 100]).toBeCloseTo(1000 + (voice[100] ?? 0), 1);
  });

  it('keeps the far ear whole over the edge of a block', () => {
    const voice = tone(440, -20, 200);
    const { left } = heard(placed(MIDDLE, at(1, 0)), voice);
    expect(residueDbov(left, 440, 60)).toBeLessThan(-75);
  });
});

/** From sample to sample: what is high in a sound, louder. */
function edges(sound: Float32Array): Float32Array {
  return sound.map((sample, i) => sample - (sound[i - 1] ?? 0));
}
