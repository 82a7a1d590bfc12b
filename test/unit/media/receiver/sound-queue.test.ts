import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SoundQueue } from '../../../../media/receiver/sound-queue.ts';
import { makeTone, toneLevelDbov } from '../../../support/index.ts';

describe('SoundQueue', () => {
  it('gives back what it took, in order, in whatever pieces', () => {
    const pieces = fc.array(fc.record({ put: fc.nat(3000), take: fc.nat(3000) }), { maxLength: 30 });
    const numbers = (from: number, count: number) =>
      Int16Array.from({ length: count }, (_, i) => ((from + i) * 7) & 0x7fff);
    fc.assert(
      fc.property(pieces, fc.constantFrom<1 | 2>(1, 2), (steps, channels) => {
        const queue = new SoundQueue(8000, channels);
        let [written, read] = [0, 0];
        for (const { put, take } of steps) {
          queue.append(numbers(written, put * channels));
          written += put * channels;
          const out = new Int16Array(Math.min(take, queue.length) * channels);
          queue.read(out);
          const expected = numbers(read, out.length);
          expect(out.every((sample, i) => sample === expected[i])).toBe(true);
          read += out.length;
          expect(queue.length * channels).toBe(written - read);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('stretches only what was put in last', () => {
    const queue = new SoundQueue(8000, 1);
    queue.append(new Int16Array(100).fill(1000));
    queue.append(new Int16Array(160).fill(3));
    expect(queue.stretchLast(-100, true)).toBe(-100);
    expect(queue.stretchLast(30, true)).toBe(30);
    expect([queue.length, queue.lengthMs]).toEqual([190, 190 / 8]);
    const out = new Int16Array(190);
    queue.read(out);
    expect(out).toEqual(Int16Array.from({ length: 190 }, (_, i) => (i < 100 ? 1000 : 3)));
  });

  it('finds the period of a voice in the past that was read already', () => {
    const tone = makeTone({ frequencyHz: 100, clockRateHz: 8000, durationMs: 100 });
    const queue = new SoundQueue(8000, 1);
    for (let at = 0; at < tone.length; at += 80) {
      queue.append(tone.subarray(at, at + 80));
      if (at + 80 < tone.length) queue.read(new Int16Array(80));
    }
    expect(queue.stretchLast(80, false)).toBe(80);
  });

  it('takes what it has along to another rate and other channels', () => {
    const queue = new SoundQueue(8000, 1);
    queue.append(makeTone({ frequencyHz: 400, clockRateHz: 8000, durationMs: 50 }));
    queue.read(new Int16Array(80));
    const stereo = queue.convert(48_000, 2);
    expect([stereo.sampleRateHz, stereo.channels, stereo.lengthMs, queue.length]).toEqual([48_000, 2, 40, 0]);
    const mono = stereo.convert(16_000, 1);
    expect([mono.sampleRateHz, mono.channels, mono.lengthMs]).toEqual([16_000, 1, 40]);
    const pcm = new Int16Array(640);
    mono.read(pcm);
    expect(toneLevelDbov(pcm, { frequencyHz: 400, clockRateHz: 16_000 })).toBeCloseTo(-20, 0);
    expect(mono.convert(8000, 1).length).toBe(0);
  });
});
