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
