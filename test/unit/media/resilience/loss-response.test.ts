import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import {
  LossResponse,
  MAX_EXPECTED_LOSS_RATIO,
  MIN_BITRATE_RATIO,
  type Reception,
  type SendingAdvice,
} from '../../../../media/resilience/index.ts';

const REPORT_MS = 4000;
const CLEAN: SendingAdvice = { bitrateRatio: 1, expectedLossRatio: 0, redLevel: 0 };

const report = (lossRatio: number, changes: Partial<Reception> = {}): Reception => ({
  lossRatio,
  packets: 200,
  roundTripMs: 50,
  jitterMs: 2,
  ...changes,
});

/** A report every four seconds, all alike. */
function repeat(response: LossResponse, from: number, seconds: number, reception: Reception): number {
  let now = from;
  for (; now < from + 1000 * seconds; now += REPORT_MS) response.handleReport(now, reception);
  return now;
}

describe('LossResponse', () => {
  it('changes nothing on a clean way, and says so by the same object', () => {
    const response = new LossResponse();
    const before = response.advice;
    repeat(response, 0, 600, report(0));
    expect(response.advice).toBe(before);
    expect(before).toEqual(CLEAN);
  });

  it.each([
    { loss: 0.005, expected: CLEAN },
    { loss: 0.015, expected: { bitrateRatio: 1, expectedLossRatio: 0.02, redLevel: 0 } },
    { loss: 0.05, expected: { bitrateRatio: 2 / 3, expectedLossRatio: 0.05, redLevel: 1 } },
    { loss: 0.1, expected: { bitrateRatio: 2 / 3, expectedLossRatio: 0.1, redLevel: 1 } },
    { loss: 0.2, expected: { bitrateRatio: 0.5, expectedLossRatio: 0.2, redLevel: 2 } },
    { loss: 0.6, expected: { bitrateRatio: 0.5, expectedLossRatio: MAX_EXPECTED_LOSS_RATIO, redLevel: 2 } },
  ])('answers $loss of random loss at the first report, and stays there', ({ loss, expected }) => {
    const response = new LossResponse();
    expect(response.handleReport(0, report(loss))).toEqual(expected);
    const settled = response.advice;
    repeat(response, REPORT_MS, 300, report(loss));
    expect(response.advice).toBe(settled);
  });

  it('believes a report of few packets only in part', () => {
    const response = new LossResponse();
    expect(response.handleReport(0, report(0.1, { packets: 10 }))).toMatchObject({
      expectedLossRatio: 0.02,
      redLevel: 0,
    });
    expect(response.handleReport(1000, report(1, { packets: 0 }))).toMatchObject({ expectedLossRatio: 0.02 });
  });

  it('takes a report that is no news for no end of the loss', () => {
    const response = new LossResponse();
    const before = response.handleReport(0, report(0.2));
    for (let now = 1000; now < 60_000; now += 1000) response.handleReport(now, report(0, { packets: 0 }));
    expect(response.advice).toBe(before);
  });

  it('goes down slowly when the loss ends, the copies last to go, and ends where it began', () => {
    const response = new LossResponse();
    response.handleReport(0, report(0.2));
    const levels: number[] = [];
    for (let now = REPORT_MS; now <= 80_000; now += REPORT_MS) {
      levels.push(response.handleReport(now, report(0)).redLevel);
    }
    const secondsAt = (level: number) =>
      (levels.filter((other) => other === level).length * REPORT_MS) / 1000;
    expect(levels).toEqual([...levels].sort().reverse());
    expect(secondsAt(2)).toBeGreaterThanOrEqual(8);
    expect(secondsAt(1)).toBeGreaterThanOrEqual(16);
    expect(response.advice).toEqual(CLEAN);
  });

  it('does not toggle copies while loss wavers about the line', () => {
    const response = new LossResponse();
    let changes = 0;
    for (let n = 0; n < 200; n += 1) {
      const before = response.advice.redLevel;
      if (response.handleReport(REPORT_MS * n, report(n % 2 === 0 ? 0.02 : 0.04)).redLevel !== before)
        changes += 1;
    }
    expect(changes).toBe(1);
  });

  it('sends less and no copies where the round trip grows, however much is lost', () => {
    const response = new LossResponse();
    repeat(response, 0, 20, report(0.05));
    expect(response.advice.redLevel).toBe(1);
    const congested = response.handleReport(20_000, report(0.15, { roundTripMs: 250 }));
    expect(congested).toMatchObject({ redLevel: 0, expectedLossRatio: 0.15 });
    expect(congested.bitrateRatio).toBeLessThan(2 / 3);
    repeat(response, 24_000, 30, report(0.15, { roundTripMs: 250 }));
    expect(response.advice.bitrateRatio).toBe(MIN_BITRATE_RATIO);
  });

  it('takes a round trip that jitter explains for no queue', () => {
    const response = new LossResponse();
    response.handleReport(0, report(0, { jitterMs: 30 }));
    response.handleReport(4000, report(0, { jitterMs: 30, roundTripMs: 190 }));
    expect(response.advice).toEqual(CLEAN);
    response.handleReport(8000, report(0, { jitterMs: 2, roundTripMs: 190 }));
    expect(response.advice.bitrateRatio).toBe(0.7);
  });

  it('waits longer after each congestion, and as at first after two minutes without', () => {
    const response = new LossResponse();
    const congested = report(0, { roundTripMs: 200 });
    /** Reports every second from the congestion on; after how many anything rose. */
    const waitAfter = (at: number): number => {
      const { bitrateRatio } = response.handleReport(at, congested);
      for (let seconds = 1; seconds < 100; seconds += 1) {
        if (response.handleReport(at + 1000 * seconds, report(0)).bitrateRatio > bitrateRatio) return seconds;
      }
      return Number.POSITIVE_INFINITY;
    };
    response.handleReport(0, report(0));
    expect([1000, 21_000, 61_000, 400_000].map(waitAfter)).toEqual([10, 20, 40, 10]);
  });

  it('takes a longer way for a queue no longer than a minute', () => {
    const response = new LossResponse();
    let now = repeat(response, 0, 20, report(0));
    now = repeat(response, now, 60, report(0, { roundTripMs: 300 }));
    expect(response.advice.bitrateRatio).toBeLessThan(1);
    repeat(response, now, 120, report(0, { roundTripMs: 300 }));
    expect(response.advice).toEqual(CLEAN);
  });

  it('takes copies back where they made the loss worse, though the round trip did not grow', () => {
    const response = new LossResponse();
    expect(response.handleReport(0, report(0.1)).redLevel).toBe(1);
    const taken = response.handleReport(4000, report(0.25));
    expect(taken.redLevel).toBe(0);
    expect(taken.bitrateRatio).toBeLessThan(0.36);
  });

  it('sends no copies for the loss of a queue that is gone', () => {
    const response = new LossResponse();
    response.handleReport(0, report(0));
    response.handleReport(4000, report(0.4, { roundTripMs: 250 }));
    for (let now = 8000; now < 60_000; now += REPORT_MS) {
      expect(response.handleReport(now, report(0)).redLevel).toBe(0);
    }
  });

  it('keeps copies where loss grows long after they were begun', () => {
    const response = new LossResponse();
    const now = repeat(response, 0, 20, report(0.1));
    expect(response.handleReport(now, report(0.25)).redLevel).toBe(2);
  });

  it('falls once a second at most, however often reports come', () => {
    const response = new LossResponse();
    response.handleReport(0, report(0));
    for (let now = 1000; now < 2000; now += 10) response.handleReport(now, report(0, { roundTripMs: 900 }));
    expect(response.advice.bitrateRatio).toBe(0.7);
  });

  /** A way of so much room, whose queue holds 200 ms, or nothing where it only drops. */
  function play(
    capacityBps: number,
    options: { readonly queues: boolean; readonly lossRatio?: number; readonly seconds: number },
  ) {
    const response = new LossResponse();
    const random = new SeededRandom(7);
    const advices: SendingAdvice[] = [];
    for (let now = 0; now < 1000 * options.seconds; now += REPORT_MS) {
      const { bitrateRatio, redLevel } = response.advice;
      const sentBps = 40_000 * bitrateRatio * (1 + redLevel) + 16_000;
      const overflow = Math.max(0, 1 - capacityBps / sentBps);
      const lossRatio = 1 - (1 - overflow) * (1 - (options.lossRatio ?? 0)) + 0.01 * random.float();
      const roundTripMs = options.queues && overflow > 0 ? 250 : 50;
      advices.push(response.handleReport(now, report(lossRatio, { roundTripMs })));
    }
    return advices;
  }

  it.each([
    { name: 'a way with a queue', queues: true },
    { name: 'a way that only drops', queues: false },
  ])('finds a bitrate that fits $name', ({ queues }) => {
    const advices = play(40_000, { queues, seconds: 600 });
    const last = advices.slice(-75);
    const fitting = last.filter(
      ({ bitrateRatio, redLevel }) => 40_000 * bitrateRatio * (1 + redLevel) + 16_000 <= 40_000,
    );
    expect(fitting.length / last.length).toBeGreaterThan(0.8);
  });

  it('tries copies ever more rarely on a way that has no room for them', () => {
    const advices = play(60_000, { queues: true, lossRatio: 0.05, seconds: 900 });
    const starts = advices.flatMap(({ redLevel }, n) =>
      redLevel > 0 && advices[n - 1]?.redLevel === 0 ? [n * REPORT_MS] : [],
    );
    expect(starts.length).toBeGreaterThan(2);
    expect(starts.length).toBeLessThan(14);
    const gaps = starts.slice(1).map((at, n) => at - (starts[n] ?? 0));
    expect(gaps.at(-1)).toBeGreaterThanOrEqual(80_000);
  });

  it('stays within its bounds whatever is reported', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(0, -1, 1e300, Number.POSITIVE_INFINITY, Number.NaN));
    const reception = fc.record({
      lossRatio: number,
      packets: fc.nat(),
      roundTripMs: fc.option(fc.double({ min: 0, max: 60_000, noNaN: true })),
      jitterMs: number,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20_000), reception)), (reports) => {
        const response = new LossResponse();
        let now = 0;
        for (const [elapsedMs, one] of reports) {
          now += elapsedMs;
          const { bitrateRatio, expectedLossRatio, redLevel } = response.handleReport(now, one);
          expect(bitrateRatio).toBeGreaterThanOrEqual(MIN_BITRATE_RATIO);
          expect(bitrateRatio).toBeLessThanOrEqual(1);
          expect(expectedLossRatio).toBeGreaterThanOrEqual(0);
          expect(expectedLossRatio).toBeLessThanOrEqual(MAX_EXPECTED_LOSS_RATIO);
          expect([0, 1, 2]).toContain(redLevel);
        }
      }),
    );
  });
});
