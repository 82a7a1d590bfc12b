import { describe, expect, it } from 'vitest';
import { Tally } from '../../../../media/jitter/tally.ts';

describe('Tally', () => {
  it('moves a lost packet to late when it comes, and counts it a duplicate when it comes again', () => {
    const tally = new Tally();
    tally.pass(7, 'lost');
    expect(tally.count('lost')).toBe(1);
    expect(tally.comeLate(7)).toBe(true);
    expect([tally.count('lost'), tally.count('late'), tally.duplicate]).toEqual([0, 1, 0]);
    expect(tally.comeLate(7)).toBe(false);
    expect([tally.count('late'), tally.duplicate]).toEqual([1, 1]);
  });

  it.each(['played', 'recovered'] as const)(
    'counts the packet of a sound that was %s as a duplicate',
    (fate) => {
      const tally = new Tally();
      tally.pass(7, fate);
      expect(tally.comeLate(7)).toBe(false);
      expect([tally.count(fate), tally.duplicate]).toEqual([1, 1]);
    },
  );

  it('forgets fates with another stream, and keeps the counts', () => {
    const tally = new Tally();
    tally.pass(7, 'lost');
    tally.restart();
    expect(tally.comeLate(7)).toBe(false);
    expect(tally.count('lost')).toBe(1);
  });
});

describe('Tally.losses', () => {
  it('has each turn without its sound, in order, also where the packet comes late', () => {
    const tally = new Tally();
    for (let turn = 1; turn <= 100; turn += 1) {
      const fate = turn === 40 ? 'lost' : turn === 42 ? 'late' : turn === 41 ? 'recovered' : 'played';
      tally.pass(1000 + turn, fate);
    }
    tally.comeLate(1040);
    expect(tally.losses.at(100, 20)).toEqual({
      burstDensity: 2 / 3,
      gapDensity: 0,
      burstMs: 60,
      gapMs: (97 * 20) / 2,
    });
    expect([tally.losses.lost, tally.losses.lossRuns]).toEqual([2, 2]);
  });
});
