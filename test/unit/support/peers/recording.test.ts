import { describe, expect, it } from 'vitest';
import { slice, toneSeconds, type WavSound } from '../../../support/peers/recording.ts';

const SAMPLE_RATE_HZ = 8000;

function sine(frequencyHz: number, seconds: number, amplitude = 8000): WavSound {
  const samples = Int16Array.from({ length: seconds * SAMPLE_RATE_HZ }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * frequencyHz * i) / SAMPLE_RATE_HZ)),
  );
  return { sampleRateHz: SAMPLE_RATE_HZ, samples };
}

describe('a recording', () => {
  it.each([
    { name: 'the tone itself', sound: sine(440, 2), seconds: 2 },
    { name: 'another tone', sound: sine(700, 2), seconds: 0 },
    { name: 'silence', sound: sine(440, 2, 0), seconds: 0 },
    { name: 'a tone too faint to be one', sound: sine(440, 2, 100), seconds: 0 },
  ])('counts seconds of $name', ({ sound, seconds }) => {
    expect(toneSeconds(sound, 440)).toBe(seconds);
  });

  it('cuts by seconds', () => {
    expect(slice(sine(440, 2), 0.5, 1.5).samples).toHaveLength(SAMPLE_RATE_HZ);
    expect(toneSeconds(slice(sine(440, 2), 1.5), 440)).toBe(0.5);
  });
});
