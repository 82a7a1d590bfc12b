import { describe, expect, it } from 'vitest';
import { ClockDrift } from '../../../../media/jitter/clock-drift.ts';

/** Packets each 20 ms from a clock that is this much faster; every fifth is not delayed, the others are. */
function run(drift: ClockDrift, ppm: number, seconds: number, jitterMs = 30): number {
  let last = 0;
  for (let packet = 0; packet < seconds * 50; packet += 1) {
    const sentAt = packet * 20;
    const delayMs = packet % 5 === 0 ? 0 : (packet * 7919) % jitterMs;
    last = drift.add(sentAt / (1 + ppm / 1e6) + 100 + delayMs, sentAt) - delayMs;
  }
  return last;
}

describe('ClockDrift', () => {
  it.each([-1000, -500, -50, 0, 50, 500, 1000])('tells a sender that is %d ppm fast from jitter', (ppm) => {
    const drift = new ClockDrift();
    run(drift, ppm, 120);
    expect(drift.driftPpm).toBeGreaterThan(ppm - 20);
    expect(drift.driftPpm).toBeLessThan(ppm + 20);
  });

  it.each([-5000, -500, 500, 5000])('keeps its error within bounds for an hour at %d ppm', (ppm) => {
    // Beyond what it follows, the line lags by the drift that is left over the time that it remembers.
    expect(Math.abs(run(new ClockDrift(), ppm, 3600))).toBeLessThan(200);
  });

  it('says nothing of drift before it can know', () => {
    const drift = new ClockDrift();
    run(drift, 500, 5);
    expect(drift.driftPpm).toBeNull();
  });

  it('never calls a packet faster than the fastest', () => {
    const drift = new ClockDrift();
    expect(drift.add(1000, 0)).toBe(0);
    expect(drift.add(1050, 20)).toBe(30);
    expect(drift.add(1051, 60)).toBe(0);
    expect(drift.leastTransitAt(1051)).toBe(991);
  });

  it('forgets a faster route within a minute', () => {
    const drift = new ClockDrift();
    let delayMs = 0;
    for (let packet = 0; packet < 6000; packet += 1) {
      delayMs = drift.add(packet * 20 + (packet < 1000 ? 0 : 80), packet * 20);
    }
    expect(delayMs).toBeLessThan(5);
  });

  it('begins anew', () => {
    const drift = new ClockDrift();
    run(drift, 500, 60);
    drift.restart();
    expect(drift.driftPpm).toBeNull();
    expect(drift.add(5_000_000, 0)).toBe(0);
  });
});
