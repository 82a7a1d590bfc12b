import { describe, expect, it } from 'vitest';
import { smoothJoint } from '../../../../media/receiver/joint.ts';
import { makeTone } from '../../../support/index.ts';

const options = { channels: 1, reach: 20 };
const flat = (length: number, value: number) => new Int16Array(length).fill(value);
const joined = (a: Int16Array, b: Int16Array) => Int16Array.from([...a, ...b]);

describe('smoothJoint()', () => {
  it('levels out a step over its reach, and touches nothing else', () => {
    const samples = joined(flat(50, 1000), flat(50, -3000));
    smoothJoint(samples, 50, options);
    expect(samples.subarray(0, 50)).toEqual(flat(50, 1000));
    expect(samples[50]).toBe(1000);
    const steps = Array.from({ length: 20 }, (_, i) => (samples[51 + i] ?? 0) - (samples[50 + i] ?? 0));
    expect(steps.every((step) => step <= 0 && step >= -200)).toBe(true);
    expect(samples.subarray(70)).toEqual(flat(30, -3000));
  });

  it.each([60, 300, 1000, 2500])('leaves sound that flows as it is (%i Hz)', (frequencyHz) => {
    const tone = makeTone({ frequencyHz, clockRateHz: 8000, durationMs: 50 });
    const samples = tone.slice();
    for (let at = 20; at <= tone.length - 20; at += 1) smoothJoint(samples, at, options);
    expect(samples).toEqual(tone);
  });

  it('treats each channel of stereo by itself', () => {
    const left = joined(flat(50, 0), flat(50, 500));
    const stereo = Int16Array.from({ length: 200 }, (_, i) => (i % 2 ? 7 : (left[i >> 1] ?? 0)));
    smoothJoint(stereo, 50, { channels: 2, reach: 20 });
    smoothJoint(left, 50, options);
    expect(stereo.filter((_, i) => i % 2 === 0)).toEqual(left);
    expect(stereo.filter((_, i) => i % 2 === 1)).toEqual(flat(100, 7));
  });

  it('does not go beyond 16 bits', () => {
    const samples = joined(flat(50, 32_767), flat(50, -32_768));
    samples[60] = 32_767;
    smoothJoint(samples, 50, options);
    expect(Math.max(...samples)).toBe(32_767);
    expect(samples[60]).toBe(32_767);
  });

  it.each([0, 1, 99, 100])('survives a joint at the very edge (%i of 100)', (at) => {
    const samples = joined(flat(50, 9), flat(50, 90));
    smoothJoint(samples, at, options);
    expect(samples).toHaveLength(100);
  });
});
