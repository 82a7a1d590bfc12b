import { beforeEach, describe, expect, test } from 'vitest';
import {
  ATTRIBUTE,
  checkIntegrity,
  encodePasswordAlgorithms,
  LongTermCredentials,
  longTermKey,
  METHOD,
  nonceCookie,
  type StunMessage,
  userhashOf,
} from '../../../../nat/index.ts';
import { decoded, writer } from './samples.ts';

const WHO = { username: 'alice', password: 'secret' };
const REALM = 'example.org';
const SHA256_KEY = longTermKey({ ...WHO, realm: REALM }, 'sha256');
const MD5_KEY = longTermKey({ ...WHO, realm: REALM }, 'md5');
const BOTH = encodePasswordAlgorithms(['sha256', 'md5']);

interface Challenge {
  readonly code?: number;
  readonly realm?: string;
  readonly nonce?: string;
  readonly algorithms?: Uint8Array;
}

function challenge({ code = 401, realm = REALM, nonce = 'first', algorithms }: Challenge = {}): StunMessage {
  const response = writer('error', 1, METHOD.allocate).error(code, 'Try again');
  response.text(ATTRIBUTE.realm, realm).text(ATTRIBUTE.nonce, nonce);
  if (algorithms) response.add(ATTRIBUTE.passwordAlgorithms, algorithms);
  return decoded(response.finish());
}

let credentials: LongTermCredentials;
beforeEach(() => {
  credentials = new LongTermCredentials(WHO);
});

function signed() {
  const request = writer('request', 2, METHOD.allocate);
  const signature = credentials.sign(request);
  return { signature, request: decoded(request.finish()) };
}

const modern = (options: Challenge = {}) =>
  challenge({ nonce: `${nonceCookie(['passwordAlgorithms'])}first`, algorithms: BOTH, ...options });

test('the first request goes without credentials (RFC 8489 §9.2.3.1)', () => {
  const { request, signature } = signed();
  expect(signature).toBeUndefined();
  expect(request.attributes).toEqual([]);
  expect(credentials.realm).toBeUndefined();
});

describe('after a 401', () => {
  test('of a server before RFC 8489: MD5 and MESSAGE-INTEGRITY', () => {
    expect(credentials.handleError(challenge(), { signature: undefined, tries: 1 })).toBe('retry');
    const { request } = signed();
    expect(request.text(ATTRIBUTE.username)).toBe('alice');
    expect(request.text(ATTRIBUTE.realm)).toBe(REALM);
    expect(request.text(ATTRIBUTE.nonce)).toBe('first');
    expect(request.has(ATTRIBUTE.passwordAlgorithm)).toBe(false);
    expect(checkIntegrity(request, MD5_KEY, 'sha1')).toBe('valid');
    expect(request.has(ATTRIBUTE.messageIntegritySha256)).toBe(false);
  });

  test('with algorithms: the first that we know, and MESSAGE-INTEGRITY-SHA256 alone (RFC 8489 §9.2.5)', () => {
    expect(credentials.handleError(modern(), { signature: undefined, tries: 1 })).toBe('retry');
    const { request } = signed();
    expect([...(request.value(ATTRIBUTE.passwordAlgorithms) ?? [])]).toEqual([...BOTH]);
    expect(request.uint32(ATTRIBUTE.passwordAlgorithm)).toBe(0x0002_0000);
    expect(checkIntegrity(request, SHA256_KEY, 'sha256')).toBe('valid');
    expect(request.has(ATTRIBUTE.messageIntegrity)).toBe(false);
  });

  test('with an order of its own: MD5 where the server would rather have it', () => {
    const algorithms = encodePasswordAlgorithms(['md5', 'sha256']);
    credentials.handleError(modern({ algorithms }), { signature: undefined, tries: 1 });
    const { request } = signed();
    expect(request.uint32(ATTRIBUTE.passwordAlgorithm)).toBe(0x0001_0000);
    expect(checkIntegrity(request, MD5_KEY, 'sha256')).toBe('valid');
  });

  test('with anonymity: USERHASH instead of USERNAME (RFC 8489 §9.2.5)', () => {
    const nonce = nonceCookie(['usernameAnonymity']);
    credentials.handleError(challenge({ nonce }), { signature: undefined, tries: 1 });
    const { request } = signed();
    expect(request.value(ATTRIBUTE.userhash)).toEqual(userhashOf('alice', REALM));
    expect(request.has(ATTRIBUTE.username)).toBe(false);
  });

  test('texts are prepared: one form for each character, one space (RFC 8265 §4.2.2)', () => {
    const decomposed = { username: 'ame\u0301lie', password: 'a\u00a0b' };
    const key = longTermKey({ username: 'am\u00e9lie', realm: REALM, password: 'a b' });
    credentials = new LongTermCredentials(decomposed);
    credentials.handleError(challenge(), { signature: undefined, tries: 1 });
    expect(checkIntegrity(signed().request, key)).toBe('valid');
  });
});

describe('whether to ask again', () => {
  const first = { signature: undefined, tries: 1 };
  const algorithms = Uint8Array.of(9, 9, 0, 0);
  const refused = [
    { name: 'an error of another kind', response: challenge({ code: 486 }) },
    { name: 'nothing to sign with', response: decoded(writer('error').error(401, '').finish()) },
    {
      name: 'the algorithms were taken out on the way (RFC 8489 §9.2.1)',
      response: challenge({ nonce: nonceCookie(['passwordAlgorithms']) }),
    },
    { name: 'no algorithm that we know (RFC 8489 §9.2.5)', response: challenge({ algorithms }) },
    { name: 'a success', response: decoded(writer('success').finish()) },
  ];
  test.each(refused)('no: $name', ({ response }) => {
    expect(credentials.handleError(response, first)).toBe('refused');
    expect(signed().signature).toBeUndefined();
  });

  test('no: the same name, realm and password were refused (RFC 8489 §9.2.5)', () => {
    credentials.handleError(challenge(), first);
    const { signature } = signed();
    expect(credentials.handleError(challenge({ nonce: 'second' }), { signature, tries: 2 })).toBe('refused');
  });

  test('yes: another realm, or another algorithm', () => {
    credentials.handleError(challenge(), first);
    const { signature } = signed();
    const other = challenge({ realm: 'example.net' });
    expect(credentials.handleError(other, { signature, tries: 2 })).toBe('retry');
    expect(credentials.realm).toBe('example.net');
    expect(credentials.handleError(modern(), { signature, tries: 2 })).toBe('retry');
  });

  test('yes: the nonce is stale, and there is a new one (RFC 8489 §9.2.5)', () => {
    credentials.handleError(challenge(), first);
    const { signature } = signed();
    const stale = challenge({ code: 438, nonce: 'second' });
    expect(credentials.handleError(stale, { signature, tries: 1 })).toBe('retry');
    expect(signed().request.text(ATTRIBUTE.nonce)).toBe('second');
  });

  test('no: the nonce is stale, and the new one is the old', () => {
    credentials.handleError(challenge(), first);
    const { signature } = signed();
    expect(credentials.handleError(challenge({ code: 438 }), { signature, tries: 1 })).toBe('refused');
  });

  test('of several requests at once that are all called stale, each is asked again', () => {
    credentials.handleError(challenge(), first);
    const { signature } = signed();
    for (let i = 0; i < 20; i += 1) {
      const stale = challenge({ code: 438, nonce: `next${i}` });
      expect(credentials.handleError(stale, { signature, tries: 1 })).toBe('retry');
    }
  });

  test('a server that calls every nonce stale is not asked for ever', () => {
    let tries = 0;
    let verdict = credentials.handleError(challenge(), first);
    while (verdict === 'retry' && tries < 100) {
      tries += 1;
      const { signature } = signed();
      verdict = credentials.handleError(challenge({ code: 438, nonce: `n${tries}` }), { signature, tries });
    }
    expect(tries).toBe(4);
  });
});

describe('whether a response may be believed', () => {
  const answer = (key: Uint8Array, algorithm: 'sha1' | 'sha256') =>
    decoded(writer('success', 2, METHOD.allocate).integrity(key, algorithm).finish());
  const wrongKey = longTermKey({ ...WHO, realm: REALM, password: 'guessed' }, 'sha256');
  const plain = decoded(writer('success', 2, METHOD.allocate).finish());
  const badRequest = decoded(writer('error', 2, METHOD.allocate).error(400, '').finish());

  test.each([
    { name: 'signed as the request was', response: answer(SHA256_KEY, 'sha256'), expected: true },
    { name: 'signed with another key', response: answer(wrongKey, 'sha256'), expected: false },
    { name: 'signed the old way only', response: answer(SHA256_KEY, 'sha1'), expected: false },
    { name: 'not signed', response: plain, expected: false },
    { name: 'a 400 that is not signed (RFC 8489 §9.2.5)', response: badRequest, expected: false },
    { name: 'a 401, which nobody can sign', response: modern(), expected: true },
    { name: 'a 438', response: modern({ code: 438 }), expected: true },
  ])('$name: $expected', ({ response, expected }) => {
    credentials.handleError(modern(), { signature: undefined, tries: 1 });
    expect(credentials.accepts(response, signed().signature)).toBe(expected);
  });

  test('signed by MESSAGE-INTEGRITY where the request was', () => {
    credentials.handleError(challenge(), { signature: undefined, tries: 1 });
    const { signature } = signed();
    expect(credentials.accepts(answer(MD5_KEY, 'sha1'), signature)).toBe(true);
    expect(credentials.accepts(answer(MD5_KEY, 'sha256'), signature)).toBe(false);
  });

  test('one to a request without signature, unless somebody bids down (RFC 8489 §9.2.5)', () => {
    expect(credentials.accepts(plain, undefined)).toBe(true);
    const bidDown = writer('success')
      .text(ATTRIBUTE.nonce, nonceCookie(['passwordAlgorithms']))
      .finish();
    expect(credentials.accepts(decoded(bidDown), undefined)).toBe(false);
  });
});
