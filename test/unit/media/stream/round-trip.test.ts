import { describe, expect, it } from 'vitest';
import { ntpFraction, ntpSeconds } from '../../../../media/stream/index.ts';
import { middleNtp } from '../../../../media/stream/ntp.ts';
import { RoundTrip } from '../../../../media/stream/round-trip.ts';

const WALL = Date.UTC(2025, 0, 1);
const SECOND = 65_536;

describe('RoundTrip', () => {
  it.each([
    { name: 'a report sent back at once', delayMs: 80, heldTicks: 0, expected: 80 },
    { name: 'a report that was held', delayMs: 1080, heldTicks: SECOND, expected: 80 },
    { name: 'a minute that was held', delayMs: 60_040, heldTicks: 60 * SECOND, expected: 40 },
    { name: 'no way at all, one tick rounded up', delayMs: 1000, heldTicks: SECOND + 1, expected: 0 },
  ])('is arrival less LSR less DLSR for $name (RFC 3550 §6.4.1)', ({ delayMs, heldTicks, expected }) => {
    const roundTrip = new RoundTrip();
    roundTrip.handleReport(WALL + delayMs, { lastSr: middleNtp(WALL), delaySinceLastSr: heldTicks });
    expect(roundTrip.lastMs).toBeCloseTo(expected, 1);
  });

  it.each([
    { name: 'no sender report was heard', lastSr: 0, delaySinceLastSr: 0 },
    { name: 'LSR lies in the future', lastSr: middleNtp(WALL + 5000), delaySinceLastSr: 0 },
    {
      name: 'it was held longer than it can have been',
      lastSr: middleNtp(WALL),
      delaySinceLastSr: 5 * SECOND,
    },
    { name: 'LSR is hours old', lastSr: middleNtp(WALL - 7_200_000), delaySinceLastSr: 0 },
    { name: 'everything is one bits', lastSr: 0xffff_ffff, delaySinceLastSr: 0xffff_ffff },
  ])('stays null where $name', ({ lastSr, delaySinceLastSr }) => {
    const roundTrip = new RoundTrip();
    roundTrip.handleReport(WALL + 100, { lastSr, delaySinceLastSr });
    expect([roundTrip.lastMs, roundTrip.minMs, roundTrip.maxMs]).toEqual([null, null, null]);
  });

  it.each([
    { name: 'the delay of a clock of hundredths', heldMs: 140, isPossible: true },
    { name: 'a delay longer than the call', heldMs: 5000, isPossible: false },
  ])('measures nothing by $name, and says whether it can be: $isPossible', ({ heldMs, isPossible }) => {
    const roundTrip = new RoundTrip();
    const delaySinceLastSr = Math.floor((heldMs * SECOND) / 1000);
    const report = { lastSr: middleNtp(WALL), delaySinceLastSr };
    expect(roundTrip.handleReport(WALL + 100, report)).toBe(isPossible);
    expect(roundTrip.lastMs).toBeNull();
  });

  it('keeps the last, the least and the largest', () => {
    const roundTrip = new RoundTrip();
    for (const ms of [50, 20, 90, 40]) {
      roundTrip.handleReport(WALL + ms, { lastSr: middleNtp(WALL), delaySinceLastSr: 0 });
    }
    expect([roundTrip.lastMs, roundTrip.minMs, roundTrip.maxMs].map((ms) => Math.round(ms ?? -1))).toEqual([
      40, 20, 90,
    ]);
  });

  it('measures over the wrap of the middle 32 bits, every 18 hours', () => {
    // The next moment at which the seconds are a multiple of 2^16.
    const wrap = (Math.ceil(ntpSeconds(WALL) / SECOND) * SECOND - ntpSeconds(WALL)) * 1000 + WALL;
    expect(middleNtp(wrap - 50)).toBeGreaterThan(middleNtp(wrap + 50));
    const roundTrip = new RoundTrip();
    roundTrip.handleReport(wrap + 50, { lastSr: middleNtp(wrap - 50), delaySinceLastSr: 0 });
    expect(roundTrip.lastMs).toBeCloseTo(100, 1);
  });
});

describe('NTP time (RFC 3550 §4)', () => {
  it.each([
    { name: '1970', wallClock: 0, seconds: 2_208_988_800, fraction: 0 },
    { name: 'half a second', wallClock: 500, seconds: 2_208_988_800, fraction: 0x8000_0000 },
    {
      name: 'the last second of era 0',
      wallClock: Date.UTC(2036, 1, 7, 6, 28, 15),
      seconds: 0xffff_ffff,
      fraction: 0,
    },
    {
      name: 'the first second of era 1',
      wallClock: Date.UTC(2036, 1, 7, 6, 28, 16),
      seconds: 0,
      fraction: 0,
    },
  ])('says $name', ({ wallClock, seconds, fraction }) => {
    expect([ntpSeconds(wallClock), ntpFraction(wallClock)]).toEqual([seconds, fraction]);
  });
});
