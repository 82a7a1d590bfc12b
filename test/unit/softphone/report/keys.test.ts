import { expect, test } from 'vitest';
import { keysText } from '../../../../softphone/index.ts';

const key = (first: string) => [first, ...Array.from({ length: 31 }, () => 'AB')].join(':');

test('keysText() shows the beginnings of both fingerprints, to be read out', () => {
  const secured = { protocol: 'DTLS-SRTP', fingerprint: key('01'), ownFingerprint: key('02') } as const;
  expect(keysText(secured)).toMatch(
    /^keys: far end 01:AB:AB:AB:AB:AB:AB:AB, ours 02:AB:AB:AB:AB:AB:AB:AB; read out by both/,
  );
});

test('keysText() says where a key is not known yet', () => {
  const secured = { protocol: 'DTLS-SRTP', fingerprint: null, ownFingerprint: null } as const;
  expect(keysText(secured)).toContain('far end not known yet, ours not known yet');
});
