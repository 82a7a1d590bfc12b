import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteStore } from '../../../../signaling/transaction/byte-store.ts';
import { type Waiter, type WaitLine, WaitQueue } from '../../../../signaling/transaction/wait-queue.ts';

class Guest implements Waiter<Guest> {
  readonly name: number;
  waitAt = 0;
  previousWaiter: Guest | undefined = undefined;
  nextWaiter: Guest | undefined = undefined;
  waitLine: WaitLine<Guest> | undefined = undefined;

  constructor(name: number) {
    this.name = name;
  }
}

describe('WaitQueue', () => {
  it('behaves like a sorted list, whatever is started, stopped and started anew', () => {
    const operation = fc.record({
      name: fc.nat(7),
      lengthMs: fc.constantFrom(5, 32, undefined),
      elapsedMs: fc.nat(10),
    });
    fc.assert(
      fc.property(fc.array(operation), (operations) => {
        const queue = new WaitQueue<Guest>();
        const guests = Array.from({ length: 8 }, (_, name) => new Guest(name));
        const model = new Map<number, number>();
        const nextAt: number[] = [];
        const expectedNextAt: number[] = [];
        let now = 0;
        for (const { name, lengthMs, elapsedMs } of operations) {
          now += elapsedMs;
          const guest = guests[name];
          if (!guest) continue;
          if (lengthMs === undefined) {
            queue.stop(guest);
            model.delete(name);
          } else {
            queue.start(guest, now, lengthMs);
            model.set(name, now + lengthMs);
          }
          nextAt.push(queue.nextAt() ?? Number.POSITIVE_INFINITY);
          expectedNextAt.push(Math.min(...model.values()));
        }
        expect(nextAt).toEqual(expectedNextAt);
        now += 6;
        const due: number[] = [];
        for (let guest = queue.takeDue(now); guest; guest = queue.takeDue(now)) due.push(guest.name);
        expect(due.sort()).toEqual([...model].flatMap(([name, at]) => (at <= now ? [name] : [])).sort());
      }),
      { seed: 1 },
    );
  });

  it('stopping what does not wait does nothing', () => {
    const queue = new WaitQueue<Guest>();
    queue.stop(new Guest(1));
    expect(queue.nextAt()).toBeUndefined();
    expect(queue.takeDue(1e9)).toBeUndefined();
  });
});

describe('ByteStore', () => {
  it('keeps copies that do not touch one another', () => {
    const store = new ByteStore();
    const kept = Array.from({ length: 300 }, (_, i) => {
      const bytes = new Uint8Array(400 + i).fill(i);
      const copy = store.keep(bytes);
      bytes.fill(255);
      return copy;
    });
    for (const [i, bytes] of kept.entries()) {
      expect(bytes).toEqual(new Uint8Array(400 + i).fill(i));
    }
  });

  it('packs what is small, and leaves alone what is large', () => {
    const store = new ByteStore();
    const small = store.keep(new Uint8Array(10));
    expect(store.keep(new Uint8Array(10)).buffer).toBe(small.buffer);
    const large = new Uint8Array(5000);
    expect(store.keep(large)).toBe(large);
  });
});
