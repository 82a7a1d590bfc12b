import { describe, expect, test } from 'vitest';
import { inPortions } from '../../../../server/call/portions.ts';

describe('inPortions()', () => {
  test.each([0, 1, 4, 5, 13])(
    'works on %i things in their order, never on more than five at once',
    async (count) => {
      let [busy, most] = [0, 0];
      const items = Array.from({ length: count }, (_, i) => i);
      const results = await inPortions(items, 5, async (item) => {
        busy += 1;
        most = Math.max(most, busy);
        for (let turn = 0; turn < 10 - item; turn += 1) await Promise.resolve();
        busy -= 1;
        return 2 * item;
      });
      expect(results).toEqual(items.map((item) => 2 * item));
      expect(most).toBe(Math.min(5, count));
    },
  );

  test('rejects as the first work that does, and begins no more', async () => {
    const begun: number[] = [];
    const working = inPortions([1, 2, 3, 4], 2, async (item) => {
      begun.push(item);
      throw new Error(`no ${item}`);
    });
    await expect(working).rejects.toThrow('no 1');
    expect(begun).toEqual([1, 2]);
  });
});
