import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import { CopyTrial } from '../../../../media/resilience/copy-trial.ts';
import type { Reception } from '../../../../media/resilience/index.ts';

const report = (lossRatio: number, packets = 100): Reception => ({
  lossRatio,
  packets,
  roundTripMs: null,
  jitterMs: 0,
});

/** What a receiver of that many packets reports where each is lost by that chance. */
function chance(random: SeededRandom, lossRatio: number, packets = 100): Reception {
  const lost = Array.from({ length: packets }).filter(() => random.float() < lossRatio).length;
  return report(lost / packets, packets);
}

describe('CopyTrial', () => {
  it('finds a loss that doubled, and none that stayed or fell', () => {
    expect(new CopyTrial(report(0.2)).take(report(0.4))).toBe(true);
    expect(new CopyTrial(report(0.2)).take(report(0.22))).toBe(false);
    expect(new CopyTrial(report(0.2)).take(report(0))).toBe(false);
  });

  it('judges a few packets mildly, on both sides', () => {
    expect(new CopyTrial(report(0.2, 10)).take(report(0.4))).toBe(false);
    expect(new CopyTrial(report(0.2)).take(report(0.4, 10))).toBe(false);
    expect(new CopyTrial(report(0, 0)).take(report(0.1, 0))).toBe(false);
  });

  it('sees over several reports what none of them proves alone', () => {
    const trial = new CopyTrial(report(0.25, 200));
    const verdicts = Array.from({ length: 5 }, () => trial.take(report(0.38)));
    expect(verdicts).toEqual([false, true, true, true, true]);
  });

  it('is over after five reports, whatever comes then', () => {
    const trial = new CopyTrial(report(0.1));
    for (let n = 0; n < 5; n += 1) trial.take(report(0.1));
    expect(trial.take(report(1))).toBe(false);
  });

  it('blames the copies for chance in less than one of thirty trials', () => {
    const random = new SeededRandom(1);
    let blamed = 0;
    for (let n = 0; n < 600; n += 1) {
      const trial = new CopyTrial(chance(random, 0.1));
      if (Array.from({ length: 5 }, () => trial.take(chance(random, 0.1))).includes(true)) blamed += 1;
    }
    expect(blamed).toBeLessThan(20);
  });
});
