import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import { levelDbov } from '../../../../media/index.ts';
import { Background } from '../../../../media/receiver/background.ts';
import { makeTone } from '../../../support/index.ts';

function noise(level: number): Int16Array {
  const random = new SeededRandom(7);
  const amplitude = 32_768 * 10 ** (level / 20) * Math.sqrt(3);
  return Int16Array.from({ length: 960 }, () => Math.round((random.float() * 2 - 1) * amplitude));
}

const voice = makeTone({ frequencyHz: 150, clockRateHz: 48_000, durationMs: 20, levelDbov: -25 });

function after(frames: readonly (readonly [Int16Array, number])[]): Background {
  const background = new Background();
  for (const [pcm, times] of frames) for (let i = 0; i < times; i += 1) background.measure(pcm, 20);
  return background;
}

describe('Background', () => {
  it.each([-80, -70, -50, -45])('takes steady noise of %i dBov for silence, also between words', (level) => {
    const background = after([[noise(level), 50]]);
    expect(background.isSilent).toBe(true);
    for (let i = 0; i < 100; i += 1) background.measure(voice, 20);
    expect(background.isSilent).toBe(false);
    background.measure(noise(level), 20);
    expect(background.isSilent).toBe(true);
  });

  it('never takes a voice for silence, however long it speaks', () => {
    expect(
      after([
        [noise(-60), 10],
        [voice, 3000],
      ]).isSilent,
    ).toBe(false);
    expect(after([[voice, 1]]).isSilent).toBe(false);
  });

  it('believes in a louder background after a while', () => {
    expect(
      after([
        [noise(-75), 50],
        [noise(-48), 10],
      ]).isSilent,
    ).toBe(false);
    expect(
      after([
        [noise(-75), 50],
        [noise(-48), 500],
      ]).isSilent,
    ).toBe(true);
  });

  it.each([-90, -75, -66])('makes noise as loud as a background of %i dBov', (level) => {
    const background = after([
      [noise(level), 50],
      [voice, 50],
    ]);
    const pcm = background.noise(48_000, 1);
    // While somebody speaks the estimate creeps up: 3 dB in a second.
    expect(levelDbov(pcm)).toBeGreaterThan(level - 1);
    expect(levelDbov(pcm)).toBeLessThan(level + 4);
  });

  it('never makes noise that counts as sound, and none before anything came or in a digital silence', () => {
    const loud = levelDbov(after([[noise(-45), 50]]).noise(48_000, 2));
    expect(loud).toBeLessThan(-60);
    expect(loud).toBeGreaterThan(-66);
    expect(levelDbov(new Background().noise(48_000, 1))).toBe(-127);
    expect(levelDbov(after([[new Int16Array(960), 50]]).noise(48_000, 1))).toBe(-127);
  });

  it.each([-72, -45])('takes the word of the far end for its background: %i dBov (RFC 3389)', (level) => {
    const background = after([[voice, 50]]);
    background.adopt({ levelDbov: level, reflection: [] });
    expect(background.isSilent).toBe(true);
    expect(levelDbov(background.noise(48_000, 1))).toBeCloseTo(level, 0);
  });
});
