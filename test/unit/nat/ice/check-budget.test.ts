import { describe, expect, test } from 'vitest';
import { CheckBudget, UNANSWERED_CHECKS } from '../../../../nat/ice/check-budget.ts';

const VICTIM = '198.51.100.1';

function spend(budget: CheckBudget, now: number): number {
  let spent = 0;
  while (budget.take(now, 1, VICTIM)) spent += 1;
  return spent;
}

describe('CheckBudget', () => {
  test('lets so much go to who never answered, and one more each ten seconds', () => {
    const budget = new CheckBudget();
    expect(spend(budget, 0)).toBe(UNANSWERED_CHECKS);
    expect(spend(budget, 9_999)).toBe(0);
    expect(spend(budget, 30_000)).toBe(3);
    expect(budget.take(30_000, 1, '198.51.100.2')).toBe(true);
  });

  test('begins anew for who answered', () => {
    const budget = new CheckBudget();
    spend(budget, 0);
    budget.handleAnswer(1, VICTIM);
    expect(spend(budget, 0)).toBe(UNANSWERED_CHECKS);
  });

  test('keeps account of so many addresses, and lets nothing go to more', () => {
    const budget = new CheckBudget();
    const allowed = Array.from({ length: 2_000 }, (_, i) => budget.take(0, 1, `10.0.${i >> 8}.${i & 255}`));
    expect(allowed.filter((isAllowed) => isAllowed)).toHaveLength(512);
  });

  test('has room again for as many as were not asked for long enough', () => {
    const budget = new CheckBudget();
    for (let i = 0; i < 512; i += 1) budget.take(0, 1, `10.0.${i >> 8}.${i & 255}`);
    expect(budget.take(9_999, 1, VICTIM)).toBe(false);
    expect(budget.take(10_000, 1, VICTIM)).toBe(true);
  });

  test('forgets whom a base asked that is gone', () => {
    const budget = new CheckBudget();
    for (let i = 0; i < 512; i += 1) budget.take(0, 1 + (i & 1), `10.0.${i >> 8}.${i & 255}`);
    budget.removeBase(2);
    const allowed = Array.from({ length: 300 }, (_, i) => budget.take(0, 3, `10.1.${i >> 8}.${i & 255}`));
    expect(allowed.filter((isAllowed) => isAllowed)).toHaveLength(256);
  });
});
