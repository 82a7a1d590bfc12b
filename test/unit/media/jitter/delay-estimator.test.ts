import { describe, expect, it } from 'vitest';
import { DelayEstimator } from '../../../../media/jitter/delay-estimator.ts';

const estimator = () => new DelayEstimator({ minDelayMs: 40, maxDelayMs: 400 });

function feed(target: DelayEstimator, count: number, delayOf: (packet: number) => number): number {
  for (let packet = 0; packet < count; packet += 1) target.add(delayOf(packet));
  return target.targetMs;
}

describe('DelayEstimator', () => {
  it('asks for the least delay where the network has no jitter', () => {
    expect(feed(estimator(), 100, () => 0)).toBe(40);
  });

  it('covers jitter whole where that is cheap, to the millisecond', () => {
    expect(feed(estimator(), 1000, (packet) => (packet * 29) % 74)).toBe(73);
  });

  it('does not cover what comes late so seldom that its loss costs less than the delay', () => {
    expect(feed(estimator(), 5000, (packet) => (packet % 1000 === 0 ? 390 : 0))).toBeLessThan(100);
  });

  it('rises with the first late packets, and is back down within two seconds', () => {
    const target = estimator();
    feed(target, 500, () => 10);
    const before = target.targetMs;
    expect(feed(target, 5, () => 150)).toBeGreaterThanOrEqual(150);
    // A network that did it once may do it again, so not quite down at once.
    expect(feed(target, 100, () => 10)).toBeLessThan(150);
    expect(feed(target, 1000, () => 10)).toBe(before);
  });

  it('forgets within ten seconds that a network had jitter for a minute', () => {
    const target = estimator();
    expect(feed(target, 3000, (packet) => (packet % 10 === 0 ? 90 : 10))).toBe(90);
    expect(feed(target, 100, () => 10)).toBe(90);
    expect(feed(target, 400, () => 10)).toBe(40);
  });

  it('spends no delay on what no delay can save', () => {
    expect(feed(estimator(), 1000, (packet) => (packet % 50 === 0 ? 2000 : 5))).toBe(40);
  });

  it('follows a queue that stands beyond the greatest delay, and leaves it at once', () => {
    const target = estimator();
    expect(feed(target, 50, () => 700)).toBe(720);
    expect(feed(target, 4, () => 0)).toBeLessThan(400);
  });

  it('keeps its shares over a day of packets', () => {
    expect(feed(estimator(), 100_000, (packet) => (packet * 29) % 74)).toBe(73);
  });
});
