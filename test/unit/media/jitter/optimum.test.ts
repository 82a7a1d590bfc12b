import { describe, expect, it } from 'vitest';
import { delayAtLoss, frontierOf, optimalPoints } from '../../../bench/jitter/optimum.ts';

const traceOf = (delayOf: (packet: number) => number, packets = 500) => ({
  name: 'made up',
  delays: Float64Array.from({ length: packets }, (_, packet) => delayOf(packet)),
});

describe('optimalPoints()', () => {
  it('has no delay where the network has none, or the least that it is told of', () => {
    const calm = traceOf(() => 0);
    expect(delayAtLoss(optimalPoints(calm, 0), 0)).toBe(0);
    expect(delayAtLoss(optimalPoints(calm, 40), 0)).toBe(40);
  });

  it('delays by what the network holds up, where nothing may be lost and the least delay is less', () => {
    const slow = traceOf(() => 80);
    expect(delayAtLoss(optimalPoints(slow, 0), 0)).toBe(80);
    expect(delayAtLoss(optimalPoints(slow, 40), 0)).toBe(80);
  });

  it('knows what is to come: one late packet in many costs delay around it alone', () => {
    const spike = traceOf((packet) => (packet === 250 ? 80 : 0));
    const delayMs = delayAtLoss(optimalPoints(spike, 0), 0);
    expect(delayMs).toBeGreaterThan(0);
    expect(delayMs).toBeLessThan(4);
  });

  it('loses that packet where delay is dear', () => {
    const spike = traceOf((packet) => (packet === 250 ? 80 : 0));
    expect(delayAtLoss(optimalPoints(spike, 0), 1 / 500)).toBe(0);
  });
});

describe('frontierOf()', () => {
  it('leaves out what is beaten in delay and loss', () => {
    const points = [
      { concealedRatio: 0.02, meanDelayMs: 60 },
      { concealedRatio: 0.03, meanDelayMs: 70 },
      { concealedRatio: 0.01, meanDelayMs: 90 },
      { concealedRatio: 0.01, meanDelayMs: 80 },
    ];
    expect(frontierOf(points)).toEqual([points[3], points[0]]);
    expect(delayAtLoss(points, 0.015)).toBeCloseTo(70);
    expect(delayAtLoss(points, 0.05)).toBe(60);
  });
});
