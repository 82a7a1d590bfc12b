import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addressBytes,
  addressFamily,
  addressFromBytes,
  addressScope,
  formatEndpoint,
  formatHost,
  isSameEndpoint,
  isSameScope,
  normalizeAddress,
  parseHostPort,
} from '../../../core/index.ts';

describe('addressScope()', () => {
  test.each([
    // The first and last address of each block, and a neighbour (RFC 6890).
    ['0.0.0.0', 'unspecified'],
    ['0.255.255.255', 'unspecified'],
    ['1.0.0.0', 'public'],
    ['9.255.255.255', 'public'],
    ['10.0.0.0', 'private'],
    ['10.255.255.255', 'private'],
    ['100.63.255.255', 'public'],
    ['100.64.0.0', 'shared'],
    ['100.127.255.255', 'shared'],
    ['100.128.0.0', 'public'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.255', 'loopback'],
    ['169.254.0.1', 'link-local'],
    ['172.15.255.255', 'public'],
    ['172.16.0.0', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['192.0.0.8', 'reserved'],
    ['192.0.2.1', 'documentation'],
    ['192.168.0.0', 'private'],
    ['192.169.0.0', 'public'],
    ['198.17.255.255', 'public'],
    ['198.18.0.0', 'reserved'],
    ['198.19.255.255', 'reserved'],
    ['198.51.100.7', 'documentation'],
    ['203.0.113.7', 'documentation'],
    ['223.255.255.255', 'public'],
    ['224.0.0.0', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['240.0.0.0', 'reserved'],
    ['255.255.255.254', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::2', 'public'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['febf::1', 'link-local'],
    ['fec0::1', 'public'],
    ['fc00::1', 'private'],
    ['fdff::1', 'private'],
    ['ff02::1', 'multicast'],
    ['2001:db8::1', 'documentation'],
    ['2001:db9::1', 'public'],
    ['3fff:fff::1', 'documentation'],
    ['100::1', 'reserved'],
    ['2606:4700::1', 'public'],
    // An IPv4-mapped address is where the IPv4 address in it is.
    ['::ffff:10.1.2.3', 'private'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:808:808', 'public'],
  ])('%s is %s', (address, expected) => {
    expect(addressScope(address)).toBe(expected);
  });

  test.each([
    '',
    'example.com',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '01.2.3.4',
    '[::1]',
    ':::',
    '1.2.3.4:5060',
  ])('"%s" is no address', (text) => {
    expect(addressScope(text)).toBeUndefined();
    expect(addressFamily(text)).toBeUndefined();
    expect(addressBytes(text)).toBeUndefined();
  });
});

describe('normalizeAddress()', () => {
  test.each([
    { name: 'IPv4 stays', input: '192.0.2.1', expected: '192.0.2.1' },
    { name: 'leading zeros go (RFC 5952 §4.1)', input: '2001:0db8::0001', expected: '2001:db8::1' },
    {
      name: '"::" shortens as much as it can (§4.2.1)',
      input: '2001:db8:0:0:0:0:2:1',
      expected: '2001:db8::2:1',
    },
    {
      name: 'one group of zeros is not shortened (§4.2.2)',
      input: '2001:db8::1:1:1:1:1',
      expected: '2001:db8:0:1:1:1:1:1',
    },
    {
      name: 'the longest run of zeros is shortened (§4.2.3)',
      input: '2001:0:0:1:0:0:0:1',
      expected: '2001:0:0:1::1',
    },
    {
      name: 'the first of equal runs (§4.2.3)',
      input: '2001:db8:0:0:1:0:0:1',
      expected: '2001:db8::1:0:0:1',
    },
    { name: 'small letters (§4.3)', input: '2001:DB8::ABCD', expected: '2001:db8::abcd' },
    { name: 'all zeros', input: '0:0:0:0:0:0:0:0', expected: '::' },
    { name: 'zeros in front', input: '0:0:0:0:0:0:0:1', expected: '::1' },
    { name: 'zeros at the end', input: '2001:db8:0:0:0:0:0:0', expected: '2001:db8::' },
    { name: 'an IPv4-mapped address is IPv4', input: '::ffff:192.0.2.1', expected: '192.0.2.1' },
    { name: 'an IPv4-mapped address in hexadecimal', input: '::FFFF:c000:201', expected: '192.0.2.1' },
    { name: 'an embedded IPv4 address', input: '64:ff9b::192.0.2.33', expected: '64:ff9b::c000:221' },
    { name: 'a zone goes', input: 'fe80::1%eth0', expected: 'fe80::1' },
    { name: 'what is no address stays', input: 'example.com', expected: 'example.com' },
  ])('$name', ({ input, expected }) => {
    expect(normalizeAddress(input)).toBe(expected);
  });

  test('bytes to text and back is the identity, and the text is normal', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      // Zeros are frequent, so that runs of them occur.
      fc
        .array(fc.constantFrom(0, 0, 0, 1, 0xab), { minLength: 16, maxLength: 16 })
        .map((values) => Uint8Array.from(values)),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        const text = addressFromBytes(input);
        expect(addressBytes(text)).toEqual(Uint8Array.from(input));
        const isMapped =
          input.length === 16 && input.subarray(0, 10).every((b) => b === 0) && input[10] === 255;
        if (!isMapped) expect(normalizeAddress(text)).toBe(text);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('parseHostPort()', () => {
  test.each([
    { input: 'example.com', expected: { host: 'example.com' } },
    { input: 'example.com:5060', expected: { host: 'example.com', port: 5060 } },
    { input: '192.0.2.1:0', expected: { host: '192.0.2.1', port: 0 } },
    { input: '192.0.2.1:65535', expected: { host: '192.0.2.1', port: 65535 } },
    { input: '2001:db8::1', expected: { host: '2001:db8::1' } },
    { input: '[2001:db8::1]', expected: { host: '2001:db8::1' } },
    { input: '[2001:db8::1]:5061', expected: { host: '2001:db8::1', port: 5061 } },
    { input: '192.0.2.1:65536', expected: undefined },
    { input: 'host:', expected: undefined },
    { input: 'host:x', expected: undefined },
    { input: 'host:123456', expected: undefined },
    { input: ':5060', expected: undefined },
    { input: '', expected: undefined },
    { input: '[::1', expected: undefined },
    { input: '[]:5060', expected: undefined },
    { input: '[192.0.2.1]:5060', expected: undefined },
    { input: '[::1]x', expected: undefined },
    { input: 'a b:5060', expected: undefined },
    { input: 'a:b:5060', expected: undefined },
  ])('"$input"', ({ input, expected }) => {
    expect(parseHostPort(input)).toEqual(expected);
  });

  test('reads what formatEndpoint() writes', () => {
    for (const address of ['192.0.2.1', '2001:db8::1', '::']) {
      expect(parseHostPort(formatEndpoint({ address, port: 5060 }))).toEqual({ host: address, port: 5060 });
    }
  });
});

test('formatHost() puts brackets around IPv6 once', () => {
  expect(['192.0.2.1', '::1', '[::1]', 'example.com'].map(formatHost)).toEqual([
    '192.0.2.1',
    '[::1]',
    '[::1]',
    'example.com',
  ]);
});

test('isSameEndpoint() compares address and port', () => {
  const endpoint = { address: '192.0.2.1', port: 5060 };
  expect(isSameEndpoint(endpoint, { ...endpoint })).toBe(true);
  expect(isSameEndpoint(endpoint, { ...endpoint, port: 5061 })).toBe(false);
  expect(isSameEndpoint(endpoint, { ...endpoint, address: '192.0.2.2' })).toBe(false);
});

test.each([
  { a: '192.0.2.1', b: '198.51.100.1', expected: true },
  { a: '8.8.8.8', b: '10.0.0.1', expected: false },
  { a: '10.0.0.1', b: '192.168.0.1', expected: true },
  { a: '8.8.8.8', b: '2606:4700::1111', expected: false },
])('isSameScope() of $a and $b is $expected', ({ a, b, expected }) => {
  expect(isSameScope(a, b)).toBe(expected);
});
