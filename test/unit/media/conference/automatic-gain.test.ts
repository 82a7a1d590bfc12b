import { describe, expect, it } from 'vitest';
import {
  AutomaticGain,
  LEAST_GAIN_DB,
  MOST_GAIN_DB,
  SPEECH_TARGET_DBOV,
} from '../../../../media/conference/automatic-gain.ts';
import {
  difference,
  joined,
  level,
  noise,
  residueDbov,
  silence,
  speech,
  sum,
  through,
  tone,
  wordsDbov,
} from './sound.ts';

const LATE = 48 * 6000;

describe('AutomaticGain', () => {
  it.each([-34, -28, -22, -18, -12, -8])('brings words of %i dBov to -18 dBov within 1.5 dB', (words) => {
    const output = through(new AutomaticGain(), speech(words, 9000));
    expect(Math.abs(wordsDbov(output.subarray(LATE)) - SPEECH_TARGET_DBOV)).toBeLessThan(1.5);
  });

  it.each([
    { name: 'a voice that is hardly there', words: -44, expected: MOST_GAIN_DB },
    { name: 'a shout', words: -3, expected: LEAST_GAIN_DB },
  ])('goes to its bound for $name, and not beyond', ({ words, expected }) => {
    const gain = new AutomaticGain();
    through(gain, speech(words, 9000), () => {
      expect(gain.gainDb).toBeGreaterThanOrEqual(LEAST_GAIN_DB);
      expect(gain.gainDb).toBeLessThanOrEqual(MOST_GAIN_DB);
    });
    expect(gain.gainDb).toBeCloseTo(expected, 0);
  });

  it.each([
    { name: 'silence', sound: silence(5000) },
    { name: 'soft noise', sound: noise(-60, 5000) },
    { name: 'loud noise', sound: noise(-40, 5000) },
    { name: 'a soft tone', sound: tone(440, -35, 5000) },
  ])('never makes $name louder', ({ sound }) => {
    const gain = new AutomaticGain();
    expect(difference(through(gain, sound), sound)).toBe(0);
  });

  it('makes noise that begins louder by 5 dB at most, and never by more after', () => {
    const gain = new AutomaticGain();
    through(gain, joined(silence(3000), noise(-45, 6000)), () => expect(gain.gainDb).toBeLessThan(5));
  });

  it('keeps the gain of the words through their noise', () => {
    const gain = new AutomaticGain();
    through(gain, sum(speech(-30, 6000), noise(-65, 6000)));
    const before = gain.gainDb;
    through(gain, noise(-65, 3000));
    expect(before).toBeGreaterThan(8);
    expect(gain.gainDb).toBe(before);
  });

  it('comes down within half a second where a soft voice begins to shout, and up again over seconds', () => {
    const gain = new AutomaticGain();
    through(gain, speech(-32, 6000));
    const shout = through(gain, speech(-8, 3000));
    expect(wordsDbov(shout.subarray(48 * 500))).toBeLessThan(SPEECH_TARGET_DBOV + 8);
    const atShout = gain.gainDb;
    through(gain, speech(-32, 1000));
    expect(gain.gainDb - atShout).toBeLessThan(6);
  });

  it('changes the gain without a step: nothing above -50 dBov beside a tone that is turned down', () => {
    const output = through(new AutomaticGain(), tone(440, -4, 400));
    expect(level(output.subarray(48 * 300))).toBeLessThan(-8);
    expect(residueDbov(output, 440)).toBeLessThan(-60);
  });
});
