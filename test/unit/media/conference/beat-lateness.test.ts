import { describe, expect, it } from 'vitest';
import { BeatLatenessCounts } from '../../../../media/conference/beat-lateness.ts';

describe('BeatLatenessCounts', () => {
  it('counts each beat once for its beginning and once for its end, in steps of a quarter of a millisecond', () => {
    const counts = new BeatLatenessCounts();
    counts.note(0, 0.3);
    counts.note(0.24, 1.99);
    counts.note(-0.1, 2);
    counts.note(19.9, 500);
    const { begun, left } = counts.report();
    const found = (list: readonly number[]) =>
      list.flatMap((count, step) => (count > 0 ? [[step, count]] : []));
    expect(found(begun)).toEqual([
      [0, 3],
      [79, 1],
    ]);
    expect(found(left)).toEqual([
      [1, 1],
      [7, 1],
      [8, 1],
      [80, 1],
    ]);
  });
});
