import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import type { DigestVerifier } from '../../../../signaling/digest/index.ts';
import type { HeaderField, SipRequest } from '../../../../signaling/message/index.ts';
import { client, REALM, refusal, request, verifier } from './exchange.ts';

/** The request with the answer to a challenge, after one change to the text of the credentials. */
function answered(
  server: DigestVerifier,
  plain: SipRequest,
  change: (credentials: string) => string = (text) => text,
  phone = client(),
): SipRequest {
  const headers = phone.answerChallenge(plain, refusal(server, 0, plain)) ?? [];
  return plain.with({ append: headers.map(([name, value]): HeaderField => [name, change(value)]) });
}

describe('DigestVerifier', () => {
  test('challenges with SHA-256 before MD5, one header field each (RFC 8760 §2.3)', () => {
    const values = refusal(verifier(), 0, request()).headerValues('WWW-Authenticate');
    expect(values).toHaveLength(2);
    expect(values[0]).toMatch(
      /^Digest realm="example.org", nonce="[0-9a-f]{48}", qop="auth", algorithm=SHA-256$/,
    );
    expect(values[1]).toMatch(/algorithm=MD5$/);
  });

  test('offers and takes only the algorithms that it is told to', () => {
    const mild = verifier({ algorithms: ['MD5'] });
    const values = refusal(mild, 0, request()).headerValues('WWW-Authenticate');
    expect(values.map((value) => /algorithm=(\S+)/.exec(value)?.[1])).toEqual(['MD5']);
    expect(mild.verify(1, answered(mild, request())).kind).toBe('accepted');
    const strict = verifier({ algorithms: ['SHA-256'] });
    const md5 = (text: string) => text.replace('algorithm=SHA-256', 'algorithm=MD5');
    expect(strict.verify(1, answered(strict, request(), md5))).toMatchObject({
      kind: 'challenge',
      reason: 'an algorithm that was not offered',
    });
  });

  test('accepts the answer to its challenge', () => {
    const server = verifier();
    expect(server.verify(1, answered(server, request()))).toEqual({ kind: 'accepted', username: 'alice' });
    expect(server.nonceCount).toBe(1);
  });

  const HARMLESS = [
    { name: 'MD5 alone', target: 'sip:example.org', change: (text: string) => text, md5: true },
    {
      name: 'response in upper case',
      target: 'sip:example.org',
      change: (text: string) =>
        text.replace(/response="(\w+)"/, (_, hex) => `response="${hex.toUpperCase()}"`),
    },
    {
      name: 'quoted qop and nc, scheme in upper case',
      target: 'sip:example.org',
      change: (text: string) =>
        text
          .replace('qop=auth', 'qop="auth"')
          .replace(/nc=(\w+)/, 'nc="$1"')
          .replace('Digest', 'DIGEST'),
    },
  ];
  test.each(HARMLESS)('takes what phones do differently: $name', ({ change, md5 }) => {
    const server = verifier();
    const plain = request();
    const response = refusal(server, 0, plain);
    const shown = md5
      ? response.with({ set: [['WWW-Authenticate', response.headerValues('WWW-Authenticate')[1] ?? '']] })
      : response;
    const headers = client().answerChallenge(plain, shown) ?? [];
    const retry = plain.with({ append: headers.map(([name, value]): HeaderField => [name, change(value)]) });
    expect(server.verify(1, retry).kind).toBe('accepted');
  });

  test.each([
    { name: 'another response', change: (text: string) => text.replace(/response="./, 'response="x') },
    { name: 'another user name', change: (text: string) => text.replace('"alice"', '"bob"') },
    { name: 'another realm', change: (text: string) => text.replace(REALM, 'elsewhere') },
    { name: 'another nonce count', change: (text: string) => text.replace('nc=00000001', 'nc=00000002') },
    { name: 'a nonce count of zero', change: (text: string) => text.replace('nc=00000001', 'nc=00000000') },
    { name: 'no nonce count', change: (text: string) => text.replace(', nc=00000001', '') },
    { name: 'no cnonce', change: (text: string) => text.replace(/cnonce="\w+", /, '') },
    { name: 'an unknown qop', change: (text: string) => text.replace('qop=auth', 'qop=token') },
    { name: 'an unknown algorithm', change: (text: string) => text.replace('SHA-256', 'SHA-3') },
    { name: 'another uri', change: (text: string) => text.replace('uri="sip:', 'uri="sip:mallory@') },
    { name: 'an unreadable uri', change: (text: string) => text.replace('uri="sip:', 'uri="') },
    { name: 'the user name twice', change: (text: string) => `${text}, username="alice"` },
    { name: 'no response', change: (text: string) => text.replace(/response="\w+", /, '') },
    { name: 'no parameters', change: () => 'Digest' },
    { name: 'an unknown scheme (RFC 4475 §3.3.7)', change: () => 'NoOneKnowsThisScheme opaque-data=here' },
  ])('challenges anew, not stale: $name', ({ change }) => {
    const server = verifier();
    const verdict = server.verify(1, answered(server, request(), change));
    expect(verdict).toMatchObject({ kind: 'challenge', stale: false });
    expect(server.nonceCount).toBe(0);
  });

  test('an unknown user and a wrong password get the same answer', () => {
    const server = verifier();
    const wrong = answered(server, request(), undefined, client({ password: 'x' }));
    const unknown = answered(server, request(), undefined, client({ username: 'nobody' }));
    const [first, second] = [wrong, unknown].map((asked) => {
      const [header] = refusal(server, 1, asked).headerValues('WWW-Authenticate');
      return header?.replace(/nonce="\w+"/, '');
    });
    expect(first).toBe(second);
  });

  test('port and parameters of uri may differ from the Request-URI; host and user may not', () => {
    const server = verifier();
    const phone = client();
    const asked = request({ method: 'INVITE', target: 'sip:bob@example.org' });
    const headers = phone.answerChallenge(asked, refusal(server, 0, asked)) ?? [];
    const verdictFor = (target: string) =>
      server.verify(1, request({ method: 'INVITE', target, headers })).kind;
    expect(verdictFor('sip:carol@example.org')).toBe('challenge');
    expect(verdictFor('sip:bob@example.com')).toBe('challenge');
    expect(verdictFor('sip:bob@example.org:5060;transport=tcp')).toBe('accepted');
  });

  test('a request that is repeated with the same nonce count is challenged as stale', () => {
    const server = verifier();
    const retry = answered(server, request());
    expect(server.verify(1, retry).kind).toBe('accepted');
    expect(server.verify(2, retry)).toMatchObject({ kind: 'challenge', stale: true });
  });

  test('a right answer to an old nonce, or one of an earlier process, is stale (RFC 7616 §3.3)', () => {
    const server = verifier({ nonceLifetimeMs: 10_000 });
    const retry = answered(server, request());
    const verdict = server.verify(10_000, retry);
    expect(verdict).toMatchObject({ kind: 'challenge', stale: true });
    expect(verdict.kind === 'challenge' && verdict.headers[0]?.[1]).toContain('stale=true');
    const other = answered(server, request());
    expect(verifier({ random: new SeededRandom(9) }).verify(0, other)).toMatchObject({ stale: true });
  });

  test('without qop a nonce is good for one request (RFC 2069)', () => {
    const server = verifier();
    const plain = request();
    const response = refusal(server, 0, plain);
    const [challenge = ''] = response.headerValues('WWW-Authenticate');
    const legacy = response.with({ set: [['WWW-Authenticate', challenge.replace(', qop="auth"', '')]] });
    const phone = client();
    const first = phone.answerChallenge(plain, legacy) ?? [];
    expect(first[0]?.[1]).not.toContain('qop');
    expect(server.verify(1, plain.with({ append: first })).kind).toBe('accepted');
    const second = plain.with({ append: phone.authorize(plain) });
    expect(server.verify(2, second)).toMatchObject({ kind: 'challenge', stale: true });
  });

  test('credentials of a second realm do not hide ours', () => {
    const server = verifier();
    const retry = answered(
      server,
      request({ headers: [['Authorization', 'Digest realm="other", nonce="x"']] }),
    );
    expect(server.verify(1, retry).kind).toBe('accepted');
  });

  test.each([
    { name: 'MD5 alone to a phone that knows no more', algorithms: ['SHA-256', 'MD5'], expected: /MD5$/ },
    { name: 'what is configured where that has no MD5', algorithms: ['SHA-256'], expected: /SHA-256$/ },
  ] as const)('offers $name', ({ algorithms, expected }) => {
    const server = verifier({ algorithms, knowsOnlyMd5: () => true });
    const values = refusal(server, 0, request()).headerValues('WWW-Authenticate');
    expect(values).toHaveLength(1);
    expect(values[0]).toMatch(expected);
    expect(server.verify(1, answered(server, request())).kind).toBe('accepted');
  });

  test('remembers a nonce only until its life is over', () => {
    const server = verifier();
    server.verify(1, answered(server, request()));
    const at = server.nextTimeoutAt();
    expect(at).toBeGreaterThan(0);
    server.handleTimeout(at ?? 0);
    expect(server.nonceCount).toBe(0);
  });
});
