import { describe, expect, it } from 'vitest';
import { isOnDemand, isOnDemandPattern } from '../../../../server/room/on-demand.ts';

describe('isOnDemandPattern()', () => {
  it.each(['3000', 'lounge', '3000-3099', '0001-0009', 'meet-*'])('takes %s', (text) => {
    expect(isOnDemandPattern(text)).toBe(true);
  });

  it.each(['', '*', 'a b', '3099-3000', '9-10', '*43', 'a*b'])('refuses "%s"', (text) => {
    expect(isOnDemandPattern(text)).toBe(false);
  });
});

describe('isOnDemand()', () => {
  const patterns = ['3000', '4000-4009', 'meet-*'];

  it.each(['3000', '4000', '4009', 'meet-us'])('finds %s', (dialled) => {
    expect(isOnDemand(patterns, dialled)).toBe(true);
  });

  it.each([
    '3001',
    '4010',
    '04005',
    '400',
    '40005',
    'meet-',
    'meet-a b',
    `meet-${'x'.repeat(70)}`,
    '4000x',
    '',
  ])('does not find "%s"', (dialled) => {
    expect(isOnDemand(patterns, dialled)).toBe(false);
  });
});
