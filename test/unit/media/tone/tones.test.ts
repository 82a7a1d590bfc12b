import { describe, expect, it } from 'vitest';
import type { ToneName } from '../../../../media/engine/types.ts';
import { renderTone } from '../../../../media/tone/index.ts';

const TONES: readonly { name: ToneName; frequenciesHz: readonly number[]; durationMs: number }[] = [
  { name: 'confirmation', frequenciesHz: [350, 440], durationMs: 600 },
  { name: 'error', frequenciesHz: [480, 620], durationMs: 1500 },
  { name: 'busy', frequenciesHz: [480, 620], durationMs: 4000 },
  { name: 'congestion', frequenciesHz: [480, 620], durationMs: 4000 },
  { name: 'ringback', frequenciesHz: [440, 480], durationMs: 6000 },
];

/** Amplitude of one frequency in the samples, by correlation with it. */
function amplitudeAt(samples: Int16Array, frequencyHz: number, rateHz: number): number {
  let [sine, cosine] = [0, 0];
  for (const [i, sample] of samples.entries()) {
    const angle = (2 * Math.PI * frequencyHz * i) / rateHz;
    sine += sample * Math.sin(angle);
    cosine += sample * Math.cos(angle);
  }
  return (2 * Math.hypot(sine, cosine)) / samples.length;
}

describe('renderTone()', () => {
  for (const rateHz of [8000, 48_000]) {
    it.each(TONES)(
      `makes $name of its two frequencies at ${rateHz} Hz`,
      ({ name, frequenciesHz, durationMs }) => {
        const samples = renderTone(name, rateHz);
        expect(samples).toHaveLength((durationMs * rateHz) / 1000);
        // Whole periods of all the frequencies, within the first beep and behind its fade.
        const beep = samples.subarray(0.01 * rateHz, 0.09 * rateHz);
        const inIt = frequenciesHz.map((hz) => amplitudeAt(beep, hz, rateHz));
        expect(inIt.every((amplitude) => amplitude > 5500 && amplitude < 8500)).toBe(true);
        expect(amplitudeAt(beep, 1000, rateHz)).toBeLessThan(700);
      },
    );
  }

  it.each(TONES)('never clips $name and begins and ends it in silence', ({ name }) => {
    const samples = renderTone(name, 8000);
    expect(Math.max(...samples.map(Math.abs))).toBeLessThan(20_000);
    expect([Math.abs(samples[0] ?? 1), samples.at(-1)]).toEqual([0, 0]);
  });
});
