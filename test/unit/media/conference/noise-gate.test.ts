import { describe, expect, it } from 'vitest';
import { GATE_DEPTH_DB, NoiseGate } from '../../../../media/conference/noise-gate.ts';
import {
  BLOCK,
  blocksOf,
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

/** A gate that knows a noise of -60 dBov. */
function settled(): NoiseGate {
  const gate = new NoiseGate();
  through(gate, noise(-60, 3000));
  return gate;
}

describe('NoiseGate', () => {
  it.each([-60, -50])('turns noise of %i dBov down by 20 dB, and no further', (dbov) => {
    const output = through(new NoiseGate(), noise(dbov, 4000));
    const expected = dbov + GATE_DEPTH_DB;
    expect(Math.abs(level(output.subarray(48 * 3000)) - expected)).toBeLessThan(1.5);
  });

  it('lets noise that is louder than -40 dBov, and a steady tone, pass', () => {
    for (const sound of [noise(-30, 3000), tone(440, -30, 3000)]) {
      expect(difference(through(new NoiseGate(), sound), sound)).toBe(0);
    }
  });

  it('leaves words as they are from 5 ms on, whatever the noise', () => {
    const gate = settled();
    const words = sum(tone(300, -35, 400), noise(-60, 400));
    const output = through(gate, words);
    expect(difference(output.subarray(240), words.subarray(240))).toBe(0);
  });

  it('opens for a consonant of 5 ms at the end of a block', () => {
    const gate = settled();
    const block = noise(-60, 20);
    block.set(noise(-48.5, 5), BLOCK - 240);
    const output = through(gate, block);
    expect(difference(output.subarray(BLOCK - 240), block.subarray(BLOCK - 240))).toBe(0);
  });

  it('stays open between words, for 200 ms, and shuts within 200 ms more', () => {
    const gate = settled();
    through(gate, tone(300, -35, 100));
    const gains: number[] = [];
    through(gate, noise(-60, 500), () => gains.push(gate.gainDb));
    expect(gains.slice(0, 10)).toEqual(new Array(10).fill(0));
    expect(gains.slice(10).every((gain, i) => gain <= (gains[9 + i] ?? 0))).toBe(true);
    expect(gains[19]).toBeCloseTo(GATE_DEPTH_DB, 0);
  });

  it('cuts nothing of speech that begins at once, before any noise is known', () => {
    const words = speech(-25, 460);
    const output = through(new NoiseGate(), words);
    expect(Math.abs(wordsDbov(output) - wordsDbov(words))).toBeLessThan(0.1);
  });

  it('follows a noise that becomes louder within three seconds', () => {
    const gate = settled();
    through(gate, noise(-50, 3000));
    expect(gate.gainDb).toBeCloseTo(GATE_DEPTH_DB, 0);
  });

  it('is neither open nor shut in the middle of its knee', () => {
    const gate = settled();
    through(gate, noise(-53, 600));
    expect(gate.gainDb).toBeLessThan(-3);
    expect(gate.gainDb).toBeGreaterThan(GATE_DEPTH_DB + 3);
  });

  it('opens and shuts without a step', () => {
    const gate = new NoiseGate();
    through(gate, tone(440, -55, 3000));
    const sound = joined(tone(440, -30, 200), silence(60), tone(440, -55, 600));
    const output = through(gate, sound);
    const opening = residueDbov(output.subarray(0, 48 * 190), 440);
    expect(opening).toBeLessThan(-65);
    expect(
      Math.max(...blocksOf(output.subarray(48 * 300), BLOCK).map((b) => residueDbov(b, 440))),
    ).toBeLessThan(-75);
  });
});
