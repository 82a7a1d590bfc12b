import { describe, expect, test } from 'vitest';
import { encodeCheckSuccess, type IncomingCheck, verifyCheck } from '../../../../nat/ice/check-message.ts';
import {
  ATTRIBUTE,
  decodeStun,
  METHOD,
  StunMessage,
  StunWriter,
  shortTermKey,
} from '../../../../nat/stun/index.ts';
import { checkOf, LOCAL, REMOTE, transactionId } from './checks.ts';

function decoded(bytes: Uint8Array): StunMessage {
  const message = decodeStun(bytes);
  if (!(message instanceof StunMessage)) throw new Error(message.toString());
  return message;
}

function verified(bytes: Uint8Array): IncomingCheck {
  const check = verifyCheck(decoded(bytes), LOCAL, REMOTE.ufrag);
  if (typeof check === 'string') throw new Error(check);
  return check;
}

const writer = () => {
  const head = { method: METHOD.binding, class: 'request', transactionId: transactionId(2) } as const;
  return new StunWriter(head);
};
const named = () => writer().text(ATTRIBUTE.username, `${LOCAL.ufrag}:${REMOTE.ufrag}`);
const sealed = (unsealed: StunWriter) =>
  unsealed.integrity(shortTermKey(LOCAL.password)).fingerprint().finish();

describe('verifyCheck()', () => {
  test('reads what a check says', () => {
    expect(verified(checkOf({ isNominating: true }))).toMatchObject({
      priority: 0x6e0001ff,
      isNominating: true,
      role: 'controlling',
      tieBreaker: 0x932ff9b151263b36n,
      unknownAttributes: [],
    });
    expect(verified(checkOf({ role: 'controlled' }))).toMatchObject({
      isNominating: false,
      role: 'controlled',
    });
  });

  test.each([
    {
      name: 'a check for another agent',
      bytes: checkOf({ remote: { ...LOCAL, ufrag: 'other234' } }),
      fault: 'wrong-username',
    },
    {
      name: 'a check from another agent',
      bytes: checkOf({ localUfrag: 'remote2' }),
      fault: 'wrong-username',
    },
    {
      name: 'a check with another password',
      bytes: checkOf({ remote: { ...LOCAL, password: REMOTE.password } }),
      fault: 'wrong-password',
    },
    { name: 'a check without integrity', bytes: named().fingerprint().finish(), fault: 'no-credentials' },
    { name: 'a check without a name', bytes: sealed(writer()), fault: 'no-credentials' },
    { name: 'a check without a priority', bytes: sealed(named()), fault: 'malformed' },
    { name: 'a priority of 0', bytes: sealed(named().uint32(ATTRIBUTE.priority, 0)), fault: 'malformed' },
    {
      name: 'a priority past 2^31 - 1',
      bytes: sealed(named().uint32(ATTRIBUTE.priority, 0x80000000)),
      fault: 'malformed',
    },
    {
      name: 'both roles at once',
      bytes: sealed(
        named()
          .uint32(ATTRIBUTE.priority, 1)
          .uint64(ATTRIBUTE.iceControlled, 1n)
          .uint64(ATTRIBUTE.iceControlling, 1n),
      ),
      fault: 'malformed',
    },
    {
      name: 'a wrong fingerprint',
      bytes: named()
        .uint32(ATTRIBUTE.priority, 1)
        .integrity(shortTermKey(LOCAL.password))
        .uint32(ATTRIBUTE.fingerprint, 1)
        .finish(),
      fault: 'not-a-check',
    },
  ])('refuses $name', ({ bytes, fault }) => {
    expect(verifyCheck(decoded(bytes), LOCAL, REMOTE.ufrag)).toBe(fault);
  });

  test('takes any peer that knows the password while the name of the peer is not known', () => {
    expect(verifyCheck(decoded(checkOf({ localUfrag: 'anyone' })), LOCAL)).toMatchObject({
      priority: 0x6e0001ff,
    });
  });

  test('does not read what stands behind the integrity', () => {
    const bytes = named()
      .uint32(ATTRIBUTE.priority, 1)
      .integrity(shortTermKey(LOCAL.password))
      .flag(ATTRIBUTE.useCandidate)
      .fingerprint()
      .finish();
    expect(verified(bytes).isNominating).toBe(false);
  });

  test('tells what it does not understand', () => {
    const bytes = sealed(named().uint32(ATTRIBUTE.priority, 1).flag(0x7001).flag(0x8ff0));
    expect(verified(bytes).unknownAttributes).toEqual([0x7001]);
  });
});

test('a check of SHA-256 is answered by SHA-256 (RFC 8489 §9.1.4)', () => {
  const bytes = named()
    .uint32(ATTRIBUTE.priority, 1)
    .integrity(shortTermKey(LOCAL.password), 'sha256')
    .fingerprint()
    .finish();
  const answer = decoded(encodeCheckSuccess(verified(bytes), LOCAL, { address: '192.0.2.1', port: 7 }));
  expect(answer.has(ATTRIBUTE.messageIntegritySha256)).toBe(true);
  expect(answer.has(ATTRIBUTE.messageIntegrity)).toBe(false);
});
