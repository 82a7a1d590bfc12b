import { describe, expect, test } from 'vitest';
import { CheckTransactions, MAX_SENDS, type PendingCheck } from '../../../../nat/ice/check-transactions.ts';
import { pairOf } from './samples.ts';

function checkOf(change: Partial<PendingCheck> = {}): PendingCheck {
  return {
    key: 'a',
    pair: pairOf(['host', 'host']),
    bytes: new Uint8Array(),
    role: 'controlling',
    isNominating: false,
    startedAt: 0,
    rtoMs: 500,
    sends: 1,
    isCancelled: false,
    ...change,
  };
}

function play(check: PendingCheck): { resentAt: number[]; expiredAt: number | undefined } {
  const transactions = new CheckTransactions();
  transactions.add(0, check);
  const resentAt: number[] = [];
  for (let at = transactions.nextAt(); at !== undefined; at = transactions.nextAt()) {
    const { resent, expired } = transactions.takeDue(at);
    if (resent.length > 0) resentAt.push(at);
    if (expired.length > 0) return { resentAt, expiredAt: at };
  }
  return { resentAt, expiredAt: undefined };
}

describe('CheckTransactions', () => {
  test('sends a check seven times, ever later, and waits sixteen intervals for the last', () => {
    expect(play(checkOf())).toEqual({
      resentAt: [500, 1_000, 1_500, 2_500, 4_500, 8_500],
      expiredAt: 16_500,
    });
    expect(MAX_SENDS).toBe(7);
  });

  test('sends a nominating one steadily', () => {
    const { resentAt } = play(checkOf({ isNominating: true, rtoMs: 100 }));
    expect(resentAt).toEqual([100, 200, 300, 400, 500, 600]);
  });

  test.each([
    { name: 'a check for consent', change: { rtoMs: undefined } },
    { name: 'a cancelled one', change: { isCancelled: true } },
  ])('never sends $name again', ({ change }) => {
    expect(play(checkOf(change)).resentAt).toEqual([]);
  });

  test('a cancelled check may be answered yet (RFC 8445 §7.3.1.4)', () => {
    const transactions = new CheckTransactions();
    const check = checkOf();
    transactions.add(0, check);
    transactions.cancel(100, check.pair);
    expect(transactions.find('a')).toMatchObject({ isCancelled: true });
    expect(transactions.takeDue(5_100).expired).toEqual([check]);
    expect(transactions.size).toBe(0);
  });

  test('is bounded', () => {
    const transactions = new CheckTransactions();
    for (let i = 0; i < 3_000; i += 1) transactions.add(0, checkOf({ key: `${i}` }));
    expect(transactions.size).toBe(1_000);
    expect(transactions.find('0')).toBeUndefined();
  });
});
