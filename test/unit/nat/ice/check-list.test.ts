import { describe, expect, test } from 'vitest';
import { CheckList, MAX_LEARNED_PAIRS, MAX_PAIRS } from '../../../../nat/ice/check-list.ts';
import { candidateOf, localOf } from './samples.ts';

const ALL = () => true;
const port = (number: number) => ({ endpoint: { address: '198.51.100.1', port: number } });

describe('CheckList', () => {
  test('holds one pair of each base and address', () => {
    const list = new CheckList('controlling');
    const first = list.add(localOf(), candidateOf('host', 1));
    expect(list.add(localOf(), candidateOf('serverReflexive', 1))).toBe(first);
    expect(list.pairs).toHaveLength(1);
  });

  test('holds the best of more than it takes (RFC 8445 §6.1.2.5)', () => {
    const list = new CheckList('controlling');
    for (let i = 0; i < 150; i += 1) list.add(localOf(), candidateOf('relayed', 1, port(1000 + i)));
    expect(list.pairs).toHaveLength(MAX_PAIRS);
    expect(list.add(localOf(), candidateOf('relayed', 1, port(9)))).toBeUndefined();
    const better = list.add(localOf(), candidateOf('host', 1, port(10)));
    expect(list.pairs[0]).toBe(better);
    expect(list.pairs).toHaveLength(MAX_PAIRS);
  });

  test('never gives up what is known to work', () => {
    const list = new CheckList('controlling');
    const valid = list.add(localOf(), candidateOf('relayed', 2));
    valid?.handleSuccess(0);
    for (let i = 0; i < 150; i += 1) list.add(localOf(), candidateOf('host', 1, port(1000 + i)));
    expect(list.pairs).toContain(valid);
  });

  test('what worked on a base that is gone makes room', () => {
    const list = new CheckList('controlling');
    for (let i = 0; i < MAX_PAIRS; i += 1) {
      list.add(localOf(), candidateOf('host', 1, port(1000 + i)))?.handleSuccess(0);
    }
    expect(list.add(localOf('relayed', 2), candidateOf('relayed', 1))).toBeUndefined();
    list.revoke(1);
    expect(list.add(localOf('relayed', 2), candidateOf('relayed', 1))).toBeDefined();
    expect(list.pairs).toHaveLength(MAX_PAIRS);
  });

  test('a peer that is seen at ever new ports keeps a few pairs, the last ones', () => {
    const list = new CheckList('controlled');
    for (let i = 0; i < 50; i += 1) list.add(localOf(), candidateOf('peerReflexive', 1, port(1000 + i)));
    expect(list.pairs).toHaveLength(MAX_LEARNED_PAIRS);
    expect(list.find(1, port(1049).endpoint)).toBeDefined();
  });

  test('checks the best pair of each foundation first, and the others when it worked (RFC 8445 §6.1.2.6)', () => {
    const list = new CheckList('controlling');
    const first = list.add(localOf(), candidateOf('host', 1, { ...port(1), priority: 300 }));
    const second = list.add(localOf(), candidateOf('host', 1, { ...port(2), priority: 200 }));
    const other = list.add(localOf(), candidateOf('relayed', 1, { ...port(3), priority: 100 }));
    if (!first || !second || !other) throw new Error('there are three');
    expect(list.nextToCheck(ALL)).toBe(first);
    first.state = 'inProgress';
    expect(list.nextToCheck(ALL)).toBe(other);
    list.unfreeze(first.foundation);
    expect(list.nextToCheck(ALL)).toBe(second);
    expect(list.nextToCheck((pair) => pair !== second)).toBe(other);
  });

  test('orders its pairs anew when the role changes (RFC 8445 §7.3.1.1)', () => {
    const list = new CheckList('controlling');
    const [low, high] = [{ priority: 1 }, { priority: 2 }];
    const first = list.add(
      { candidate: candidateOf('host', 201, high), base: 1 },
      candidateOf('host', 1, low),
    );
    const second = list.add(
      { candidate: candidateOf('host', 202, low), base: 2 },
      candidateOf('host', 2, high),
    );
    expect(list.pairs).toEqual([first, second]);
    list.setRole('controlled');
    expect(list.pairs).toEqual([second, first]);
  });
});
