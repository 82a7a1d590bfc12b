// One encoder for listeners who lose differently.
import { describe, expect, it } from 'vitest';
import { sharedAdvice } from '../../../../media/conference/shared-advice.ts';
import type { SendingAdvice } from '../../../../media/resilience/index.ts';

const GOOD: SendingAdvice = { bitrateRatio: 1, expectedLossRatio: 0, redLevel: 0 };
const LOSSY: SendingAdvice = { bitrateRatio: 0.67, expectedLossRatio: 0.1, redLevel: 1 };
const DEAD: SendingAdvice = { bitrateRatio: 0.3, expectedLossRatio: 0.3, redLevel: 0 };
const many = (count: number, advice: SendingAdvice) => Array<SendingAdvice>(count).fill(advice);

describe('sharedAdvice()', () => {
  it.each([
    { name: 'one listener', all: [LOSSY], bitrateRatio: 0.67, expectedLossRatio: 0.1 },
    { name: 'the worst of a few', all: [GOOD, LOSSY, GOOD], bitrateRatio: 0.67, expectedLossRatio: 0.1 },
    { name: 'no single one of many', all: [...many(19, GOOD), DEAD], bitrateRatio: 1, expectedLossRatio: 0 },
    {
      name: 'a tenth of many',
      all: [...many(16, GOOD), LOSSY, LOSSY, DEAD],
      bitrateRatio: 0.67,
      expectedLossRatio: 0.1,
    },
  ])('follows $name', ({ all, bitrateRatio, expectedLossRatio }) => {
    // Copies are each leg's own.
    const told = sharedAdvice({ ...GOOD, bitrateRatio: 0.5 }, all);
    expect(told).toEqual({ bitrateRatio, expectedLossRatio, redLevel: 0 });
  });

  it('is the same object where nothing changed, or nobody listens', () => {
    expect(sharedAdvice(GOOD, [GOOD, GOOD])).toBe(GOOD);
    expect(sharedAdvice(LOSSY, [])).toBe(LOSSY);
  });
});
