import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import { ClockLine } from '../../../../media/stream/clock-line.ts';
import { InboundStream } from '../../../../media/stream/index.ts';

interface Call {
  readonly seconds: number;
  readonly ppm: number;
  readonly clockRateHz?: number;
  readonly jitterMs?: number;
  /** What the packet waits in a queue besides. */
  queueMs?(at: number): number;
}

/** 50 packets a second of a sender whose clock is so much faster than ours. */
function listen({ seconds, ppm, clockRateHz = 8000, jitterMs = 20, queueMs = () => 0 }: Call): InboundStream {
  const stream = new InboundStream({ concealment: true });
  const random = new SeededRandom(5);
  for (let i = 0; i < 50 * seconds; i += 1) {
    const sentAt = (20 * i) / (1 + ppm / 1e6);
    const timestamp = (0xffff_f000 + (i * clockRateHz) / 50) >>> 0;
    const at = 1000 + sentAt + jitterMs * random.float() + queueMs(sentAt);
    stream.receive(at, 1, i & 0xffff, timestamp, clockRateHz);
  }
  return stream;
}

describe('clock drift of a stream', () => {
  it.each([
    { ppm: 200, seconds: 60, clockRateHz: 8000 },
    { ppm: -200, seconds: 60, clockRateHz: 8000 },
    { ppm: 200, seconds: 45, clockRateHz: 48_000 },
    { ppm: 0, seconds: 60, clockRateHz: 8000 },
    { ppm: -50, seconds: 600, clockRateHz: 48_000 },
  ])('tells $ppm ppm under 20 ms of jitter after $seconds s', (call) => {
    expect(Math.abs((listen(call).clockDriftPpm ?? Number.NaN) - call.ppm)).toBeLessThan(30);
  });

  it('is exact to a few millionths over a long call, of whose points few are kept', () => {
    expect(listen({ ppm: 100, seconds: 1200 }).clockDriftPpm).toBeCloseTo(100, -1);
  });

  it('is not misled by a queue that stands for ten seconds of sixty', () => {
    const queueMs = (at: number) => (at > 30_000 && at < 40_000 ? 80 : 0);
    const { clockDriftPpm } = listen({ ppm: 100, seconds: 60, queueMs });
    expect(Math.abs((clockDriftPpm ?? Number.NaN) - 100)).toBeLessThan(60);
  });

  it('says nothing of less than half a minute', () => {
    expect(listen({ ppm: 200, seconds: 30 }).clockDriftPpm).toBeNull();
    expect(listen({ ppm: 200, seconds: 33 }).clockDriftPpm).not.toBeNull();
  });

  it('says nothing of few points, however far apart, and of none', () => {
    const line = new ClockLine();
    expect(line.driftPpm).toBeNull();
    for (const at of [0, 20_000, 40_000]) line.add(at, 5);
    expect(line.driftPpm).toBeNull();
  });

  it('begins anew where timestamps leap, as with another source behind the same SSRC', () => {
    const line = new ClockLine();
    for (let second = 0; second < 40; second += 1) line.add(1000 * second, 0);
    for (let second = 40; second < 60; second += 1) line.add(1000 * second, 90_000 + 0.1 * second);
    expect(line.driftPpm).toBeNull();
    for (let second = 60; second < 80; second += 1) line.add(1000 * second, 90_000 + 0.1 * second);
    expect(line.driftPpm).toBeCloseTo(-100, 6);
  });

  it('begins anew also late in a call, where a point stands for many seconds', () => {
    const line = new ClockLine();
    for (let second = 0; second < 1000; second += 1) line.add(1000 * second, 0.05 * second);
    expect(line.driftPpm).toBeCloseTo(-50, 6);
    for (let second = 1000; second < 1100; second += 1) line.add(1000 * second, 3000 - 0.1 * second);
    expect(line.driftPpm).toBeCloseTo(100, 6);
  });

  it('is the median of all slopes (Theil 1950, Sen 1968), equal ones among them', () => {
    const transits = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 31, maxLength: 63 });
    fc.assert(
      fc.property(transits, (all) => {
        const line = new ClockLine();
        for (const [second, transit] of all.entries()) line.add(1000 * second, transit);
        const slopes = all.flatMap((right, i) =>
          all.slice(0, i).map((left, j) => (right - left) / (1000 * (i - j))),
        );
        const median = slopes.toSorted((a, b) => a - b)[slopes.length >> 1] ?? Number.NaN;
        expect(line.driftPpm).toBeCloseTo(-1e6 * median, 6);
      }),
      { numRuns: 40 },
    );
  });

  it('stays finite for a sender whose timestamps mean nothing', () => {
    const stream = new InboundStream({ concealment: true });
    const random = new SeededRandom(9);
    for (let i = 0; i < 4000; i += 1) stream.receive(20 * i, 1, i, random.uint32(), 8000);
    const { clockDriftPpm } = stream;
    expect(clockDriftPpm === null || Number.isFinite(clockDriftPpm)).toBe(true);
  });
});
