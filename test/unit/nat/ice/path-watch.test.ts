import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import { CONSENT_EXPIRY_MS, PathWatch } from '../../../../nat/ice/path-watch.ts';

/** Runs to `untilAt`. @returns when checks were sent */
function run(watch: PathWatch, untilAt: number): number[] {
  const sentAt: number[] = [];
  for (let at = watch.nextAt; at !== undefined && at <= untilAt; at = watch.nextAt) {
    if (watch.handleTimeout(at)) sentAt.push(at);
    else if (watch.nextAt === at) throw new Error(`stuck at ${at}`);
  }
  return sentAt;
}

describe('PathWatch', () => {
  test('asks for consent every 4 to 6 s, at random (RFC 7675 §5.1)', () => {
    const intervals = new Set<number>();
    const watch = new PathWatch(new SeededRandom(1), 0);
    for (let now = 0, i = 0; i < 50; i += 1) {
      const at = watch.nextAt ?? 0;
      expect(at - now).toBeGreaterThanOrEqual(4_000);
      expect(at - now).toBeLessThanOrEqual(6_000);
      intervals.add(at - now);
      expect(watch.handleTimeout(at)).toBe(true);
      now = at + 40;
      watch.handleAnswer(now, { roundTripMs: 40, sentAt: at });
    }
    expect(intervals.size).toBeGreaterThan(40);
    expect(watch.health).toBe('alive');
  });

  test('doubts after one missing answer, and is sure after six', () => {
    const watch = new PathWatch(new SeededRandom(1), 0);
    const [first = 0] = run(watch, 6_000);
    expect(watch.health === 'alive' || watch.health === 'suspect').toBe(true);
    const sentAt = [first, ...run(watch, first + 1_000)];
    expect(sentAt.map((at) => Math.round(at - first))).toEqual([0, 500, 600, 700, 800, 900, 1000]);
    expect(watch.health).toBe('dead');
    expect(watch.doubtedAt).toBe(first);
  });

  test('is sure 600 ms after somebody had a doubt', () => {
    const watch = new PathWatch(new SeededRandom(1), 0);
    watch.probe(1_000);
    expect(run(watch, 1_500)).toEqual([1_000, 1_100, 1_200, 1_300, 1_400, 1_500]);
    expect(watch.health).toBe('suspect');
    run(watch, 1_600);
    expect(watch.health).toBe('dead');
  });

  test('asks when the peer does, where its own last answer is a second old (RFC 8445 §7.3.1.4)', () => {
    const watch = new PathWatch(new SeededRandom(1), 0);
    watch.handlePeerCheck(999);
    expect(watch.nextAt).toBeGreaterThanOrEqual(4_000);
    watch.handlePeerCheck(1_000);
    expect(watch.nextAt).toBe(1_000);
    expect(watch.handleTimeout(1_000)).toBe(true);
    // One is under way: the peer's next ones bring none more.
    watch.handlePeerCheck(1_100);
    expect(watch.nextAt).toBe(1_500);
    watch.handleAnswer(1_200, { roundTripMs: 0, sentAt: 1_000 });
    watch.handlePeerCheck(1_300);
    expect(watch.nextAt).toBeGreaterThanOrEqual(5_200);
    expect(watch.health).toBe('alive');
  });

  test('gives a long path more time', () => {
    const watch = new PathWatch(new SeededRandom(1), 0);
    watch.handleAnswer(0, { roundTripMs: 500, sentAt: 0 });
    watch.probe(1_000);
    run(watch, 2_400);
    expect(watch.health).toBe('suspect');
    run(watch, 2_700);
    expect(watch.health).toBe('dead');
  });

  test.each([
    { name: 'suspect', untilAt: 1_300 },
    { name: 'dead', untilAt: 5_000 },
  ])('lives again with any answer: $name', ({ name, untilAt }) => {
    const watch = new PathWatch(new SeededRandom(1), 0);
    watch.probe(1_000);
    run(watch, untilAt);
    expect(watch.health).toBe(name);
    watch.handleAnswer(untilAt, { roundTripMs: null, sentAt: untilAt - 100 });
    expect(watch.health).toBe('alive');
    expect((watch.nextAt ?? 0) - untilAt).toBeGreaterThanOrEqual(4_000);
  });

  test('an answer from before the doubt does not end it', () => {
    const watch = new PathWatch(new SeededRandom(1), 0);
    watch.probe(1_000);
    run(watch, 1_010);
    watch.handleAnswer(1_020, { roundTripMs: 40, sentAt: 980 });
    run(watch, 1_700);
    expect(watch.health).toBe('dead');
  });

  test('ends for good 30 s after the last answer, however it was asked', () => {
    const watch = new PathWatch(new SeededRandom(1), 0);
    watch.probe(100);
    const sentAt = run(watch, 60_000);
    expect(watch.health).toBe('expired');
    expect(sentAt.at(-1)).toBeLessThan(CONSENT_EXPIRY_MS);
    expect(watch.nextAt).toBeUndefined();
    watch.handleAnswer(60_000, { roundTripMs: 1, sentAt: 59_999 });
    watch.probe(60_000);
    watch.giveUp();
    expect(watch.health).toBe('expired');
  });
});
