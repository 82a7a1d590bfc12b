// What the resampler lets through, proven by tones over the whole band of each pair of rates.
import { describe, expect, it } from 'vitest';
import { Resampler } from '../../../../media/audio/index.ts';

const RATES = [8000, 16_000, 24_000, 32_000, 48_000];
const PAIRS = RATES.flatMap((inputHz) =>
  RATES.filter((rate) => rate !== inputHz).map((outputHz) => ({ inputHz, outputHz })),
);
const AMPLITUDE = 16_000;
/** Whole periods of every frequency that is a multiple of 20 Hz, so that tones do not leak into one another. */
const WINDOW_MS = 50;
const SETTLED_MS = 25;
const STEPS = 32;

interface Heard {
  /** Of the tone that went in, against what it was. */
  readonly gainDb: number;
  /** Of everything else. */
  readonly restDb: number;
}

/** What comes out where one tone goes in. */
function heard(frequencyHz: number, inputHz: number, outputHz: number): Heard {
  const omega = (2 * Math.PI * frequencyHz) / inputHz;
  const samples = ((SETTLED_MS + WINDOW_MS) * inputHz) / 1000;
  // An odd phase: the highest frequency is no row of zeros.
  const tone = Int16Array.from({ length: samples }, (_, i) =>
    Math.round(AMPLITUDE * Math.sin(omega * i + 1)),
  );
  const output = new Resampler(inputHz, outputHz).process(tone).subarray((SETTLED_MS * outputHz) / 1000);
  return measured(output, (2 * Math.PI * frequencyHz) / outputHz);
}

function measured(output: Int16Array, omega: number): Heard {
  let [cosine, sine, power] = [0, 0, 0];
  for (const [i, sample] of output.entries()) {
    cosine += sample * Math.cos(omega * i);
    sine += sample * Math.sin(omega * i);
    power += sample ** 2;
  }
  const tonePower = (2 * (cosine ** 2 + sine ** 2)) / output.length;
  const reference = (AMPLITUDE ** 2 / 2) * output.length;
  const decibels = (value: number) => 10 * Math.log10(Math.max(value, 1e-9) / reference);
  return { gainDb: decibels(tonePower), restDb: decibels(power - tonePower) };
}

/** Multiples of 20 Hz, evenly from one frequency to another, both of them in it. */
const sweep = (fromHz: number, toHz: number) =>
  Array.from(
    { length: STEPS },
    (_, i) => 20 * Math.round((fromHz + ((toHz - fromHz) * i) / (STEPS - 1)) / 20),
  );

describe.each(PAIRS)('Resampler from $inputHz to $outputHz Hz', ({ inputHz, outputHz }) => {
  const lowerNyquistHz = Math.min(inputHz, outputHz) / 2;

  it('changes no level by 0.1 dB up to 0.84 of the lower Nyquist frequency', () => {
    for (const frequencyHz of sweep(40, 0.84 * lowerNyquistHz)) {
      const { gainDb } = heard(frequencyHz, inputHz, outputHz);
      expect(Math.abs(gainDb), `${frequencyHz} Hz`).toBeLessThan(0.1);
    }
  });

  it('has images and noise 60 dB down, over the whole band of the lower rate', () => {
    for (const frequencyHz of sweep(40, lowerNyquistHz - 40)) {
      const { restDb } = heard(frequencyHz, inputHz, outputHz);
      expect(restDb, `${frequencyHz} Hz`).toBeLessThan(-60);
    }
  });
});

describe.each(PAIRS.filter(({ inputHz, outputHz }) => outputHz < inputHz))(
  'Resampler down from $inputHz to $outputHz Hz',
  ({ inputHz, outputHz }) => {
    it('has what the lower rate cannot carry 60 dB down', () => {
      for (const frequencyHz of sweep(outputHz / 2, inputHz / 2)) {
        const { gainDb, restDb } = heard(frequencyHz, inputHz, outputHz);
        // At a multiple of the lower rate the alias is at the tone's own place, or at 0 Hz.
        expect(Math.max(gainDb, restDb), `${frequencyHz} Hz`).toBeLessThan(-60);
      }
    });
  },
);
