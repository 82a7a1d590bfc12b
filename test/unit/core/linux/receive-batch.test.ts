import { describe, expect, test } from 'vitest';
import {
  ADDRESS_WORDS,
  BATCH_CAPACITY,
  KernelEndpoint,
  ReceiveBatch,
  SocketAddress,
} from '../../../../core/index.ts';
import { FakeSystemCalls } from '../../../support/fake-system-calls.ts';

const FD = 5;

/** Bytes that tell where they belong. */
const payload = (length: number, first = 0) =>
  Uint8Array.from({ length }, (_, index) => (first + index) & 0xff);
const sockaddr = (port: number) => Uint8Array.of(2, 0, port >> 8, port & 0xff, 127, 0, 0, 1);
const LONGEST = 65_507;

describe('ReceiveBatch', () => {
  test.each([0, 1, 172, 1_200, 2_112, 2_113, LONGEST])('gives a datagram of %i bytes whole', (length) => {
    const calls = new FakeSystemCalls();
    const batch = new ReceiveBatch(calls);
    const expected = [payload(length), payload(length, 7)];
    for (const bytes of expected) calls.waiting.push({ fd: FD, bytes, address: sockaddr(4000) });
    expect(batch.receive(FD)).toBe(2);
    const got = expected.map((_, slot) => {
      const offset = batch.offsetOf(slot);
      return batch.bytes.slice(offset, offset + batch.lengthOf(slot));
    });
    expect(got.map((bytes, index) => Buffer.compare(bytes, expected[index] ?? new Uint8Array()))).toEqual([
      0, 0,
    ]);
  });

  test('tells who sent each, and leaves what does not fit for the next call', () => {
    const calls = new FakeSystemCalls();
    const batch = new ReceiveBatch(calls);
    for (let i = 0; i < BATCH_CAPACITY + 3; i += 1) {
      calls.waiting.push({ fd: FD, bytes: payload(10, i), address: sockaddr(i) });
    }
    expect(batch.receive(FD)).toBe(BATCH_CAPACITY);
    const last = BATCH_CAPACITY - 1;
    const address = new Uint8Array(batch.addresses.buffer, last * ADDRESS_WORDS * 4, 8);
    expect([...address]).toEqual([...sockaddr(last)]);
    expect(batch.bytes[batch.offsetOf(last)]).toBe(last & 0xff);
    expect(batch.receive(FD)).toBe(3);
  });

  test('hears the whole address of an IPv6 sender in the slot of an IPv4 one', () => {
    const calls = new FakeSystemCalls();
    const batch = new ReceiveBatch(calls);
    const heard = ['2001:db8::1', '192.0.2.1', '2001:db8::2'].map((address) => {
      const { words, sizeBytes } = new KernelEndpoint(calls, { address, port: 4000 });
      const from = new Uint8Array(words.buffer, 0, sizeBytes);
      calls.waiting.push({ fd: FD, bytes: payload(1), address: from });
      expect(batch.receive(FD)).toBe(1);
      const source = new SocketAddress(address.includes(':') ? 6 : 4);
      source.read(batch.addresses.subarray(0, ADDRESS_WORDS));
      return source.address;
    });
    expect(heard).toEqual(['2001:db8::1', '192.0.2.1', '2001:db8::2']);
  });
});
