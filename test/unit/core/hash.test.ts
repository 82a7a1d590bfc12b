import { describe, expect, test } from 'vitest';
import { HmacSha256, hashHex, hmac, isEqualInConstantTime } from '../../../core/index.ts';

test.each([
  // RFC 1321 A.5, FIPS 180-4 examples.
  { algorithm: 'md5', expected: '900150983cd24fb0d6963f7d28e17f72' },
  { algorithm: 'sha1', expected: 'a9993e364706816aba3e25717850c26c9cd0d89d' },
  {
    algorithm: 'sha256',
    expected: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  },
  {
    algorithm: 'sha512-256',
    expected: '53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23',
  },
] as const)('hashHex() is $algorithm of text and of bytes', ({ algorithm, expected }) => {
  expect(hashHex(algorithm, 'abc')).toBe(expected);
  expect(hashHex(algorithm, Uint8Array.of(0x61, 0x62, 0x63))).toBe(expected);
});

test.each([
  { algorithm: 'sha1', expected: 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79' }, // RFC 2202 §3, case 2
  {
    algorithm: 'sha256', // RFC 4231 §4.3
    expected: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  },
] as const)('hmac() is HMAC-$algorithm', ({ algorithm, expected }) => {
  const digest = hmac(algorithm, 'Jefe', 'what do ya want for nothing?');
  expect(Buffer.from(digest).toString('hex')).toBe(expected);
});

describe('isEqualInConstantTime()', () => {
  test.each([
    ['', '', true],
    ['abc', 'abc', true],
    ['abc', 'abd', false],
    ['abc', 'abcd', false],
    ['é', 'e', false],
  ])('"%s" and "%s": %s', (a, b, expected) => {
    expect(isEqualInConstantTime(a, b)).toBe(expected);
  });
});

test.each([
  { name: 'RFC 4231 §4.3', key: 'Jefe', text: 'what do ya want for nothing?' },
  { name: 'no text', key: 'key', text: '' },
  { name: 'a key of a whole block', key: 'k'.repeat(64), text: 'ö'.repeat(100) },
])('HmacSha256 is HMAC-SHA-256: $name', ({ key, text }) => {
  const expected = Buffer.from(hmac('sha256', key, text)).toString('hex');
  expect(new HmacSha256(Buffer.from(key)).hex(text)).toBe(expected);
});
