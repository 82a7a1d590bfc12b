// The tones that a service plays: what each is made of.
import type { ToneName } from '../engine/types.ts';

/** A stretch of sound, or of silence where there are no frequencies. */
export interface ToneSegment {
  readonly frequenciesHz: readonly number[];
  readonly durationMs: number;
}

/** North American call progress tones (ANSI T1.401), each as long as a service wants it. */
const TONES: Readonly<Record<ToneName, readonly ToneSegment[]>> = {
  confirmation: beeps([350, 440], { onMs: 100, offMs: 100, count: 3 }),
  error: beeps([480, 620], { onMs: 250, offMs: 250, count: 3 }),
  busy: beeps([480, 620], { onMs: 500, offMs: 500, count: 4 }),
  congestion: beeps([480, 620], { onMs: 250, offMs: 250, count: 8 }),
  ringback: beeps([440, 480], { onMs: 2000, offMs: 4000, count: 1 }),
  // Of our own: one rises, one falls, and both are short, for a whole room hears them.
  entry: [
    ...beeps([523], { onMs: 90, offMs: 10, count: 1 }),
    ...beeps([784], { onMs: 140, offMs: 10, count: 1 }),
  ],
  exit: [
    ...beeps([784], { onMs: 90, offMs: 10, count: 1 }),
    ...beeps([523], { onMs: 140, offMs: 10, count: 1 }),
  ],
};

/** Two tones at this amplitude sum to −10 dBov and never clip. */
const AMPLITUDE = 7000;

/** A fade of 5 ms at both ends of a beep: without it each one clicks. */
const FADE_MS = 5;

function beeps(
  frequenciesHz: readonly number[],
  { onMs, offMs, count }: { readonly onMs: number; readonly offMs: number; readonly count: number },
): readonly ToneSegment[] {
  const beep = [
    { frequenciesHz, durationMs: onMs },
    { frequenciesHz: [], durationMs: offMs },
  ];
  return Array.from({ length: count }, () => beep).flat();
}

/** The samples of a tone at −10 dBov, mono, owned by the caller. */
export function renderTone(name: ToneName, sampleRateHz: number): Int16Array {
  const parts = TONES[name].map((segment) => renderSegment(segment, sampleRateHz));
  const samples = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return samples;
}

function renderSegment({ frequenciesHz, durationMs }: ToneSegment, sampleRateHz: number): Int16Array {
  const samples = new Int16Array((durationMs * sampleRateHz) / 1000);
  const fade = (FADE_MS * sampleRateHz) / 1000;
  for (let i = 0; i < samples.length; i += 1) {
    const envelope = Math.min(1, i / fade, (samples.length - i) / fade);
    let sum = 0;
    for (const frequencyHz of frequenciesHz) sum += Math.sin((2 * Math.PI * frequencyHz * i) / sampleRateHz);
    samples[i] = Math.round(AMPLITUDE * envelope * sum);
  }
  return samples;
}
