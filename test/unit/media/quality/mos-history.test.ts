import { describe, expect, it } from 'vitest';
import { MOS_HISTORY_LIMIT, MosHistory } from '../../../../media/quality/index.ts';

describe('MosHistory', () => {
  it('keeps seconds and gaps in order', () => {
    const history = new MosHistory();
    history.addSecond(4.4);
    history.addSecond(null);
    history.addGap(2);
    history.addSecond(1);
    expect(history.values()).toEqual([4.4, null, null, null, 1]);
    expect(history.intervalMs).toBe(1000);
  });

  it('doubles its interval where it is full, and stays within its bound', () => {
    const history = new MosHistory();
    for (let second = 0; second < 10 * MOS_HISTORY_LIMIT; second += 1) history.addSecond(4);
    expect(history.values().length).toBeLessThan(MOS_HISTORY_LIMIT);
    expect(history.intervalMs).toBe(16_000);
    expect(history.values().every((value) => value === 4)).toBe(true);
  });

  it('gives neighbours their mean, and a measured one precedence over a gap', () => {
    const history = new MosHistory();
    for (let second = 0; second < MOS_HISTORY_LIMIT; second += 4) {
      for (const mos of [4, 2, 3, null]) history.addSecond(mos);
    }
    expect(history.values().slice(0, 4)).toEqual([3, 3, 3, 3]);
    expect(history.intervalMs).toBe(2000);
  });

  it('covers a gap of a year in no time', () => {
    const history = new MosHistory();
    history.addSecond(4);
    history.addGap(365 * 86_400);
    history.addSecond(3);
    expect(history.values().length).toBeLessThanOrEqual(MOS_HISTORY_LIMIT);
    expect(history.values().length * history.intervalMs).toBeGreaterThan(365 * 86_400_000 * 0.9);
  });
});
