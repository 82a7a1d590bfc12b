import { describe, expect, test } from 'vitest';
import { isAnswerOf } from '../../../../nat/ice/check-message.ts';
import { IceLite } from '../../../../nat/ice/lite.ts';
import { decodeStun, StunMessage, shortTermKey } from '../../../../nat/stun/index.ts';
import { checkOf, LOCAL, REMOTE, transactionId } from './checks.ts';

const SOURCE = { address: '198.51.100.7', port: 41_000 };
const ELSEWHERE = { address: '198.51.100.9', port: 41_000 };

function lite(): IceLite {
  return new IceLite({ credentials: LOCAL, remoteUfrag: REMOTE.ufrag });
}

function answerOf(response: Uint8Array | undefined): StunMessage {
  const message = decodeStun(response ?? new Uint8Array());
  if (!(message instanceof StunMessage)) throw new Error(message.toString());
  expect(isAnswerOf(message, shortTermKey(LOCAL.password))).toBe(true);
  return message;
}

describe('IceLite', () => {
  test('answers a check, and tells its sender where it came from', () => {
    const { verdict, response } = lite().handleCheck(0, checkOf(), SOURCE);
    expect(verdict).toBe('answered');
    expect(answerOf(response)).toMatchObject({ class: 'success', mappedAddress: SOURCE });
    expect(answerOf(response).transactionId).toEqual(transactionId(1));
  });

  test('tells that the peer wants its data there', () => {
    expect(lite().handleCheck(0, checkOf({ isNominating: true }), SOURCE).verdict).toBe('nominated');
  });

  test('makes a peer that believes to be controlled take control (RFC 8445 §6.1.1)', () => {
    const { verdict, fault, response } = lite().handleCheck(0, checkOf({ role: 'controlled' }), SOURCE);
    expect([verdict, fault]).toEqual(['refused', 'role-conflict']);
    expect(answerOf(response).error?.code).toBe(487);
  });

  test.each([
    { name: 'no STUN', bytes: new Uint8Array([1, 2, 3]), fault: 'not-a-check' },
    { name: 'another user', bytes: checkOf({ localUfrag: 'stranger' }), fault: 'wrong-username' },
    {
      name: 'another password',
      bytes: checkOf({ remote: { ...LOCAL, password: REMOTE.password } }),
      fault: 'wrong-password',
    },
  ])('says nothing to $name', ({ bytes, fault }) => {
    expect(lite().handleCheck(0, bytes, SOURCE)).toEqual({ verdict: 'refused', fault });
  });

  test('answers a check again that comes again, and refuses it from another address', () => {
    const agent = lite();
    const check = checkOf({ isNominating: true });
    expect(agent.handleCheck(0, check, SOURCE).verdict).toBe('nominated');
    expect(agent.handleCheck(500, check, SOURCE).verdict).toBe('nominated');
    expect(agent.handleCheck(600, check, ELSEWHERE)).toEqual({ verdict: 'refused', fault: 'replayed' });
  });

  test('an answer is never larger than the check', () => {
    const source = { address: '2001:db8::1', port: 65_535 };
    const check = checkOf();
    expect(lite().handleCheck(0, check, source).response?.length).toBeLessThanOrEqual(check.length);
  });
});
