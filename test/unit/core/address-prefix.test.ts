import { describe, expect, test } from 'vitest';
import { AddressPrefix, addressBytes, UsageError } from '../../../core/index.ts';

describe('AddressPrefix', () => {
  test.each([
    { prefix: '10.0.0.0/8', address: '10.255.0.1', expected: true },
    { prefix: '10.0.0.0/8', address: '11.0.0.1', expected: false },
    { prefix: '10.0.0.5/24', address: '10.0.0.99', expected: true },
    { prefix: '10.0.0.5/24', address: '10.0.1.99', expected: false },
    { prefix: '192.0.2.128/25', address: '192.0.2.128', expected: true },
    { prefix: '192.0.2.128/25', address: '192.0.2.127', expected: false },
    { prefix: '192.0.2.7', address: '192.0.2.7', expected: true },
    { prefix: '192.0.2.7', address: '192.0.2.6', expected: false },
    { prefix: '0.0.0.0/0', address: '203.0.113.7', expected: true },
    { prefix: '0.0.0.0/0', address: '::1', expected: false },
    { prefix: 'fd00::/8', address: 'fd12::1', expected: true },
    { prefix: '2001:db8::/33', address: '2001:db8:8000::1', expected: false },
  ])('$prefix has $address: $expected', ({ prefix, address, expected }) => {
    const bytes = addressBytes(address);
    expect(bytes && new AddressPrefix(prefix).has(bytes)).toBe(expected);
  });

  test.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0/8', 'localhost', '::/129', '1.1.1.1/8/8'])(
    '"%s" is none',
    (text) => {
      expect(() => new AddressPrefix(text)).toThrow(UsageError);
    },
  );
});
