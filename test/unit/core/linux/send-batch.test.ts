import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { BATCH_CAPACITY, KernelEndpoint, SendBatch } from '../../../../core/index.ts';
import { FakeSystemCalls } from '../../../support/fake-system-calls.ts';

const FD = 5;
const OTHER_FD = 6;
const LONGEST = 65_507;

const payload = (length: number, first: number) =>
  Uint8Array.from({ length }, (_, index) => (first + index) & 0xff);
const sockaddr = (port: number) => Uint8Array.of(2, 0, port >> 8, port & 0xff, 127, 0, 0, 1);

describe('SendBatch', () => {
  test('sends what was added, with its header, each to its target', () => {
    const calls = new FakeSystemCalls();
    const batch = new SendBatch(calls);
    const targets = [4000, 4001].map((port) => new KernelEndpoint(calls, { address: '127.0.0.1', port }));
    for (const [index, target] of targets.entries()) {
      batch.bytes.set(payload(100, index), batch.offset);
      batch.bytes.set([9, 9, 9, 9], batch.offset - 4);
      batch.add(4, 100, target);
    }
    batch.send(FD, 0, 1);
    batch.send(OTHER_FD, 1, 2);
    const expected = [FD, OTHER_FD].map((fd, index) => ({
      fd,
      bytes: Uint8Array.of(9, 9, 9, 9, ...payload(100, index)),
      address: Uint8Array.of(...sockaddr(4000 + index), 0, 0, 0, 0, 0, 0, 0, 0),
    }));
    expect(calls.sent).toEqual(expected);
  });

  test.each([
    { name: 'short ones, as many as there are headers', length: 172, fitting: BATCH_CAPACITY },
    { name: 'the longest, as many as its memory holds', length: LONGEST, fitting: 6 },
  ])('has room for $name, and again when it is cleared', ({ length, fitting }) => {
    const calls = new FakeSystemCalls();
    const batch = new SendBatch(calls);
    const target = new KernelEndpoint(calls, { address: '127.0.0.1', port: 4000 });
    const fill = () => {
      let added = 0;
      for (; batch.hasRoom; added += 1) batch.add(4, length, target);
      return added;
    };
    expect(fill()).toBe(fitting);
    batch.clear();
    expect(fill()).toBe(fitting);
  });

  test('keeps where a datagram goes until it was sent, for the kernel has but a pointer', async () => {
    const calls = new FakeSystemCalls();
    const batch = new SendBatch(calls);
    // In a function of its own: nothing else keeps the target.
    const add = () => {
      const target = new KernelEndpoint(calls, { address: '127.0.0.1', port: 4000 });
      batch.add(0, 100, target);
      return new WeakRef(target);
    };
    const target = add();
    // A weak reference is strong until the end of the task that made it.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(target.deref()).toBeDefined();
    batch.send(FD, 0, 1);
    expect(calls.sent).toHaveLength(1);
  });
});

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}
