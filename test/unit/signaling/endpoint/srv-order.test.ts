import { describe, expect, it } from 'vitest';
import { SeededRandom, type SrvRecord } from '../../../../core/index.ts';
import { orderSrvRecords } from '../../../../signaling/endpoint/srv-order.ts';

const record = (name: string, priority: number, weight: number): SrvRecord => ({
  name,
  port: 5060,
  priority,
  weight,
});

describe('orderSrvRecords()', () => {
  it('tries lower priorities first (RFC 2782)', () => {
    const records = [record('c', 20, 100), record('a', 0, 0), record('b', 10, 1)];
    const names = orderSrvRecords(records, new SeededRandom(1)).map(({ name }) => name);
    expect(names).toEqual(['a', 'b', 'c']);
  });

  it('among equals draws in proportion to the weights (RFC 2782)', () => {
    const random = new SeededRandom(1);
    const records = [record('small', 0, 10), record('large', 0, 90)];
    const firsts = Array.from({ length: 2000 }, () => orderSrvRecords(records, random)[0]?.name);
    const largeRatio = firsts.filter((name) => name === 'large').length / firsts.length;
    expect(largeRatio).toBeGreaterThan(0.86);
    expect(largeRatio).toBeLessThan(0.93);
  });

  it('gives weight 0 a small chance beside others, and each name once (RFC 2782)', () => {
    const random = new SeededRandom(2);
    const records = [record('zero', 0, 0), record('one', 0, 9)];
    const orders = Array.from({ length: 500 }, () =>
      orderSrvRecords(records, random).map(({ name }) => name),
    );
    expect(orders.every((names) => names.toSorted().join() === 'one,zero')).toBe(true);
    const zeroFirst = orders.filter(([first]) => first === 'zero').length;
    expect(zeroFirst).toBeGreaterThan(10);
    expect(zeroFirst).toBeLessThan(120);
  });

  it('leaves out the root, by which a service says that it is not there (RFC 2782)', () => {
    expect(orderSrvRecords([record('.', 0, 0)], new SeededRandom(1))).toEqual([]);
  });
});
