import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import { parseWav, SpeechLikeSource } from '../../../../media/index.ts';
import { STRETCH_HISTORY_MS, TimeStretcher } from '../../../../media/stretch/index.ts';
import { makeTone, toneLevelDbov } from '../../../support/index.ts';

const RATES = [8000, 16_000, 24_000, 32_000, 48_000];
const FRAME_MS = 20;

interface Stretched {
  readonly pcm: Int16Array;
  /** Sample frames put in, less those taken out, as the stretcher told. */
  readonly added: number;
  /** Frames of sound that were changed. */
  readonly changed: number;
}

/** Stretches every frame of the sound, as a receiver does: each finds the past as it was played. */
function stretchAll(
  sound: Int16Array,
  sampleRateHz: number,
  {
    wantedMs,
    isSilent = false,
    channels = 1,
  }: { readonly wantedMs: number; readonly isSilent?: boolean; readonly channels?: 1 | 2 },
): Stretched {
  const stretcher = new TimeStretcher(sampleRateHz, channels);
  const length = (FRAME_MS * sampleRateHz) / 1000;
  const pcm = new Int16Array(sound.length * 2 + 2 * length * channels);
  let [end, added, changed] = [0, 0, 0];
  for (let from = 0; from + length * channels <= sound.length; from += length * channels) {
    pcm.set(sound.subarray(from, from + length * channels), end * channels);
    const wanted = Math.round((wantedMs * sampleRateHz) / 1000);
    const done = stretcher.stretch(pcm, wanted, { start: end, end: end + length, isSilent });
    end += length + done;
    added += done;
    if (done !== 0) changed += 1;
  }
  return { pcm: pcm.slice(0, end * channels), added, changed };
}

function noise(count: number, amplitude: number): Int16Array {
  const random = new SeededRandom(1);
  return Int16Array.from({ length: count }, () => Math.round((random.float() * 2 - 1) * amplitude));
}

function speechLike(sampleRateHz: number, seconds: number): Int16Array {
  const pcm = new Int16Array(sampleRateHz * seconds);
  new SpeechLikeSource(3, sampleRateHz).read(pcm);
  return pcm;
}

function largestStep(pcm: Int16Array, channels = 1): number {
  let largest = 0;
  for (let i = channels; i < pcm.length; i += 1)
    largest = Math.max(largest, Math.abs((pcm[i] ?? 0) - (pcm[i - channels] ?? 0)));
  return largest;
}

describe('TimeStretcher', () => {
  describe.each(RATES)('at %i Hz', (clockRateHz) => {
    it.each([-15, 15])(
      'changes a tone by %i ms a frame at most, and neither its pitch nor its level',
      (wantedMs) => {
        const tone = makeTone({ frequencyHz: 220, clockRateHz, durationMs: 1000 });
        const { pcm, added } = stretchAll(tone, clockRateHz, { wantedMs });
        expect(pcm).toHaveLength(tone.length + added);
        expect(Math.sign(added)).toBe(Math.sign(wantedMs));
        expect(Math.abs(added)).toBeGreaterThan(clockRateHz / 10);
        expect(toneLevelDbov(pcm, { frequencyHz: 220, clockRateHz })).toBeCloseTo(-20, 0);
        expect(largestStep(pcm)).toBeLessThanOrEqual(largestStep(tone) * 1.05 + 1);
      },
    );

    it.each([-12, 12])('stretches speech by %i ms a frame at most without a click', (wantedMs) => {
      const speech = speechLike(clockRateHz, 4);
      const { pcm, changed } = stretchAll(speech, clockRateHz, { wantedMs });
      expect(changed).toBeGreaterThan(40);
      expect(largestStep(pcm)).toBeLessThanOrEqual(largestStep(speech) * 1.05);
    });
  });

  it('takes out and puts in exactly what is wanted where there is silence', () => {
    const quiet = noise(48_000, 20);
    for (const wantedMs of [-15, -3, -1, 1, 7, 15]) {
      const { added } = stretchAll(quiet, 48_000, { wantedMs, isSilent: true });
      expect(added).toBe(50 * wantedMs * 48);
    }
  });

  it.each([-15, 15])('leaves a hiss that is no silence as it is (%i ms wanted)', (wantedMs) => {
    const hiss = noise(16_000, 8000);
    expect(stretchAll(hiss, 16_000, { wantedMs }).pcm).toEqual(hiss);
  });

  it('does nothing where less is wanted than a period', () => {
    const tone = makeTone({ frequencyHz: 110, clockRateHz: 16_000, durationMs: 500 });
    expect(stretchAll(tone, 16_000, { wantedMs: -8 }).pcm).toEqual(tone);
    expect(stretchAll(tone, 16_000, { wantedMs: 8 }).pcm).toEqual(tone);
    expect(stretchAll(tone, 16_000, { wantedMs: -10 }).changed).toBeGreaterThan(20);
  });

  it.each([-10, 10])('keeps both channels of stereo in step (%i ms wanted)', (wantedMs) => {
    const left = makeTone({ frequencyHz: 200, clockRateHz: 48_000, durationMs: 500 });
    const right = makeTone({ frequencyHz: 400, clockRateHz: 48_000, durationMs: 500, levelDbov: -30 });
    const stereo = Int16Array.from(
      { length: 2 * left.length },
      (_, i) => (i % 2 ? right : left)[i >> 1] ?? 0,
    );
    const { pcm, added } = stretchAll(stereo, 48_000, { wantedMs, channels: 2 });
    expect(Math.abs(added)).toBeGreaterThan(4800);
    expect(pcm).toHaveLength(stereo.length + 2 * added);
    const channel = (offset: number) => pcm.filter((_, i) => i % 2 === offset);
    expect(toneLevelDbov(channel(0), { frequencyHz: 200, clockRateHz: 48_000 })).toBeCloseTo(-20, 0);
    expect(toneLevelDbov(channel(1), { frequencyHz: 400, clockRateHz: 48_000 })).toBeCloseTo(-30, 0);
    expect(toneLevelDbov(channel(0), { frequencyHz: 400, clockRateHz: 48_000 })).toBeLessThan(-50);
  });

  it('stays within its frame and tells exactly what it did, whatever comes', () => {
    const shape = fc.record({
      sampleRateHz: fc.constantFrom(...RATES),
      channels: fc.constantFrom<1 | 2>(1, 2),
      historyMs: fc.integer({ min: 0, max: STRETCH_HISTORY_MS }),
      frameMs: fc.constantFrom(0, 1, 2.5, 10, 20, 60),
      wantedMs: fc.integer({ min: -80, max: 80 }),
      isSilent: fc.boolean(),
      hz: fc.integer({ min: 40, max: 3000 }),
    });
    fc.assert(
      fc.property(shape, ({ sampleRateHz, channels, historyMs, frameMs, wantedMs, isSilent, hz }) => {
        const perMs = sampleRateHz / 1000;
        const [start, end] = [historyMs * perMs, (historyMs + frameMs) * perMs];
        const samples = new Int16Array((end + frameMs * perMs + 10) * channels).fill(12_345);
        const tone = makeTone({
          frequencyHz: hz,
          clockRateHz: sampleRateHz,
          durationMs: historyMs + frameMs,
        });
        for (let i = 0; i < end * channels; i += 1) samples[i] = tone[Math.floor(i / channels)] ?? 0;
        const before = samples.slice();
        const stretcher = new TimeStretcher(sampleRateHz, channels);
        const added = stretcher.stretch(samples, wantedMs * perMs, { start, end, isSilent });
        expect(Math.abs(added)).toBeLessThanOrEqual(Math.min(Math.abs(wantedMs), frameMs) * perMs);
        expect(added * wantedMs).toBeGreaterThanOrEqual(0);
        expect(samples.subarray(0, start * channels)).toEqual(before.subarray(0, start * channels));
        const behind = Math.max(end, end + added) * channels;
        expect(samples.subarray(behind)).toEqual(before.subarray(behind));
        if (added === 0) expect(samples).toEqual(before);
      }),
      { numRuns: 150 },
    );
  });
});

const data = process.env.PATCHCORD_DATA ?? resolve(import.meta.dirname, '../../../../../shared/data');
const recording = resolve(data, 'speech/pjsua/input.16.wav');

it.skipIf(!existsSync(recording)).each([-15, 15])(
  'stretches a recorded voice by %i ms a frame at most without a click (skipped without the data)',
  (wantedMs) => {
    const { pcm: speech, sampleRateHz } = parseWav(readFileSync(recording), recording);
    const { pcm, added } = stretchAll(speech, sampleRateHz, { wantedMs });
    expect(Math.abs(added)).toBeGreaterThan(speech.length / 10);
    expect(largestStep(pcm)).toBeLessThanOrEqual(largestStep(speech) * 1.05);
  },
);
