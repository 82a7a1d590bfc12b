import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeadlineQueue } from '../../../core/index.ts';

/** The same by search, to compare with. */
class NaiveQueue {
  #rows: { owner: number; at: number; order: number }[] = [];
  #order = 0;

  get size(): number {
    return this.#rows.length;
  }

  set(owner: number, at: number | undefined): void {
    const known = this.#rows.find((row) => row.owner === owner);
    if (at !== undefined && known?.at === at) return;
    this.#rows = this.#rows.filter((row) => row.owner !== owner);
    if (at !== undefined) this.#rows.push({ owner, at, order: this.#order++ });
    this.#rows.sort((a, b) => a.at - b.at || a.order - b.order);
  }

  nextAt(): number | undefined {
    return this.#rows[0]?.at;
  }

  takeDue(now: number): number | undefined {
    const first = this.#rows[0];
    if (!first || first.at > now) return undefined;
    this.#rows.shift();
    return first.owner;
  }
}

describe('DeadlineQueue', () => {
  test('does what a sorted list does, over any sequence of calls', () => {
    const owner = fc.integer({ min: 0, max: 20 });
    const at = fc.integer({ min: 0, max: 30 });
    const call = fc.oneof(
      fc.record({ name: fc.constant('set' as const), owner, at }),
      fc.record({ name: fc.constant('clear' as const), owner, at }),
      fc.record({ name: fc.constant('take' as const), owner, at }),
    );
    fc.assert(
      fc.property(fc.array(call, { maxLength: 200, size: 'max' }), (calls) => {
        const queue = new DeadlineQueue<number>();
        const answers = (tested: DeadlineQueue<number> | NaiveQueue) =>
          calls.map(({ name, owner, at }) => {
            const taken = name === 'take' ? tested.takeDue(at) : undefined;
            if (name !== 'take') tested.set(owner, name === 'set' ? at : undefined);
            return `${name} ${taken}, next at ${tested.nextAt()} of ${tested.size}`;
          });
        expect(answers(queue).join('\n')).toBe(answers(new NaiveQueue()).join('\n'));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('ties go to who came first; setting the same deadline again keeps the place, moving loses it', () => {
    const queue = new DeadlineQueue<string>();
    for (const owner of ['a', 'b', 'c']) queue.set(owner, 10);
    queue.set('a', 10);
    queue.set('b', 11);
    queue.set('b', 10);
    expect([queue.takeDue(10), queue.takeDue(10), queue.takeDue(10), queue.takeDue(10)]).toEqual([
      'a',
      'c',
      'b',
      undefined,
    ]);
  });

  test('nothing is due before its time, and a cleared owner never is', () => {
    const queue = new DeadlineQueue<string>();
    queue.set('a', 10);
    queue.set('b', 5);
    queue.clear('b');
    queue.clear('never set');
    expect(queue.takeDue(9.999)).toBeUndefined();
    expect(queue.takeDue(10)).toBe('a');
    expect(queue.size).toBe(0);
    expect(queue.nextAt()).toBeUndefined();
  });
});
