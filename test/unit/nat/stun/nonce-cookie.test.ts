import { expect, test } from 'vitest';
import { hasFeature, nonceCookie, type StunSecurityFeature } from '../../../../nat/index.ts';

const rows: readonly (readonly [readonly StunSecurityFeature[], string])[] = [
  [[], 'obMatJos2AAAA'],
  [['passwordAlgorithms'], 'obMatJos2gAAA'],
  [['usernameAnonymity'], 'obMatJos2QAAA'],
  [['passwordAlgorithms', 'usernameAnonymity'], 'obMatJos2wAAA'],
];

test.each(rows)('nonceCookie(%j) is %s, and is read back (RFC 8489 §9.2, §18.1)', (features, cookie) => {
  expect(nonceCookie(features)).toBe(cookie);
  for (const feature of ['passwordAlgorithms', 'usernameAnonymity'] as const) {
    expect(hasFeature(`${cookie}and-the-rest`, feature)).toBe(features.includes(feature));
  }
});

test.each(['', 'obMatJos2', 'obMatJos2gAA', 'obMatJos2gAA*x', 'ObMatJos2gAAA', 'xobMatJos2gAAA', '"'])(
  'a nonce without a whole cookie says nothing: %s',
  (nonce) => {
    expect(hasFeature(nonce, 'passwordAlgorithms')).toBe(false);
  },
);

test('the nonce of RFC 8489 B.1 has bits of its own time, and neither of ours', () => {
  const nonce = 'obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA';
  expect(hasFeature(nonce, 'passwordAlgorithms')).toBe(false);
  expect(hasFeature(nonce, 'usernameAnonymity')).toBe(false);
});
