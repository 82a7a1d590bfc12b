import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../../core/index.ts';
import { Quota } from '../../../../../nat/turn/server/quota.ts';
import { RelayPorts } from '../../../../../nat/turn/server/relay-ports.ts';

describe('Quota', () => {
  test('gives each user so many, and all together no more than the total', () => {
    const quota = new Quota({ perUser: 2, total: 3 });
    expect(['a', 'a', 'a', 'b', 'b'].map((user) => quota.take(user))).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  test('forgets a user who gave everything back, and takes nothing back twice', () => {
    const quota = new Quota({ perUser: 1, total: 1 });
    quota.take('a');
    quota.giveBack('a');
    quota.giveBack('a');
    expect(quota.userCount).toBe(0);
    expect([quota.take('b'), quota.take('c')]).toEqual([true, false]);
  });
});

describe('RelayPorts', () => {
  const ports = (first: number, last: number) => new RelayPorts({ first, last }, new SeededRandom(3));

  test('gives each port once, and none where all are taken', () => {
    const range = ports(50_000, 50_009);
    const taken = Array.from({ length: 10 }, () => range.take());
    expect(new Set(taken).size).toBe(10);
    expect(range.take()).toBeUndefined();
    range.giveBack(50_004);
    expect(range.take()).toBe(50_004);
  });

  test('gives even ones while there are any', () => {
    const range = ports(50_001, 50_004);
    expect([range.takeEven(), range.takeEven()].toSorted()).toEqual([50_002, 50_004]);
    expect(range.takeEven()).toBeUndefined();
  });

  test('gives pairs within the range alone', () => {
    const range = ports(50_001, 50_004);
    expect([range.takePair(), range.takePair()]).toEqual([50_002, undefined]);
    expect(range.has(50_003)).toBe(true);
  });

  test('of an empty range gives none', () => {
    expect(ports(2, 1).take()).toBeUndefined();
  });
});
