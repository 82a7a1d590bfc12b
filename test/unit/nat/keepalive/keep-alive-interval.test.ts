import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import {
  KeepAliveInterval,
  LONGEST_KEEP_ALIVE_MS,
  SHORTEST_KEEP_ALIVE_MS,
  TCP_KEEP_ALIVE_MS,
} from '../../../../nat/index.ts';

const make = (startMs?: number) =>
  new KeepAliveInterval({ random: new SeededRandom(1), ...(startMs === undefined ? {} : { startMs }) });

/** Least and most of many. */
function spread(interval: KeepAliveInterval): readonly [number, number] {
  const delays = Array.from({ length: 1000 }, () => interval.nextDelayMs());
  return [Math.min(...delays), Math.max(...delays)];
}

describe('KeepAliveInterval', () => {
  it('is 24 to 29 s over UDP where nothing is known (RFC 5626 §4.4.2)', () => {
    const [least, most] = spread(make());
    expect([Math.round(least / 100), Math.round(most / 100)]).toEqual([240, 290]);
  });

  it('lies within 95 to 120 s over TCP (RFC 5626 §4.4.1)', () => {
    const [least, most] = spread(make(TCP_KEEP_ALIVE_MS));
    expect(least).toBeGreaterThanOrEqual(95_000);
    expect(most).toBeLessThanOrEqual(120_000);
  });

  it('trusts three quarters of the age at which a mapping was alive, longer or shorter than before', () => {
    const interval = make();
    interval.handleMeasured(120_000, 0);
    expect(interval.longestMs).toBe(90_000);
    interval.handleMeasured(20_000, 0);
    expect(interval.longestMs).toBe(15_000);
  });

  it('halves with each flow that is lost, and stays within its bounds', () => {
    const interval = make();
    interval.handleMeasured(3_600_000, 0);
    expect(interval.longestMs).toBe(LONGEST_KEEP_ALIVE_MS);
    interval.handleLost();
    expect(interval.longestMs).toBe(LONGEST_KEEP_ALIVE_MS / 2);
    for (let i = 0; i < 20; i += 1) interval.handleLost();
    expect(interval.longestMs).toBe(SHORTEST_KEEP_ALIVE_MS);
  });

  it('does not believe a measurement that a loss has overtaken, and believes the next', () => {
    const interval = make();
    const began = interval.losses;
    interval.handleLost();
    interval.handleMeasured(120_000, began);
    expect(interval.longestMs).toBe(14_500);
    interval.handleMeasured(120_000, interval.losses);
    expect(interval.longestMs).toBe(90_000);
  });
});
