import { describe, expect, it } from 'vitest';
import { createJitterState, jitterMs, restartJitter, updateJitter } from '../../../../media/rtp/index.ts';

describe('updateJitter() (RFC 3550 A.8)', () => {
  it('is zero for an even stream, over the wrap of the timestamp', () => {
    const state = createJitterState(8000);
    for (let i = 0; i < 50; i += 1) updateJitter(state, 1000 + 20 * i, (0xffff_ff00 + 160 * i) >>> 0, 8000);
    expect(jitterMs(state)).toBe(0);
  });

  it('moves by a sixteenth of each difference', () => {
    const state = createJitterState(8000);
    updateJitter(state, 0, 0, 8000);
    expect(updateJitter(state, 40, 160, 8000)).toBe(10);
    expect(updateJitter(state, 60, 320, 8000)).toBe(10 - 10 / 16);
  });

  it('converges to the mean difference', () => {
    const state = createJitterState(48_000);
    for (let i = 0; i < 2000; i += 1) updateJitter(state, 20 * i + (i % 2) * 8, 960 * i, 48_000);
    expect(jitterMs(state)).toBeCloseTo(8, 3);
  });

  it('keeps the time, not the ticks, over a change of clock rate (RFC 7160 §4.1)', () => {
    const state = createJitterState(8000);
    updateJitter(state, 0, 0, 8000);
    updateJitter(state, 40, 160, 8000);
    const before = jitterMs(state);
    updateJitter(state, 60, 123_456, 48_000);
    expect(jitterMs(state)).toBeCloseTo(before, 9);
  });

  it('takes no difference over a restart', () => {
    const state = createJitterState(8000);
    updateJitter(state, 0, 0, 8000);
    restartJitter(state);
    expect(updateJitter(state, 20, 0x8000_0000, 8000)).toBe(0);
  });

  it('does not lose the sign where the arrival clock passes 2^32 ticks', () => {
    const state = createJitterState(48_000);
    const wrapMs = (0x1_0000_0000 / 48_000) * 1000;
    for (let i = -5; i < 5; i += 1) updateJitter(state, wrapMs + 20 * i, (960 * i) >>> 0, 48_000);
    expect(jitterMs(state)).toBeLessThan(0.01);
  });
});
