import { describe, expect, test } from 'vitest';
import { createResponse, type HeaderField } from '../../../../signaling/message/index.ts';
import { client, refusal, request, verifier } from './exchange.ts';

function challenged(challenges: readonly string[], status = 401) {
  const name = status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate';
  const headers = challenges.map((value): HeaderField => [name, value]);
  return createResponse(request(), status, { headers });
}

describe('DigestClient', () => {
  test('picks the strongest algorithm, whatever the order (RFC 8760 §2.4)', () => {
    const answer = client().answerChallenge(
      request(),
      challenged([
        'Digest realm="r", nonce="1", algorithm=MD5, qop="auth"',
        'Digest realm="r", nonce="2", algorithm=SHA-512-256, qop="auth"',
        'Digest realm="r", nonce="3", algorithm=SHA-256, qop="auth"',
        'Digest realm="r", nonce="4", algorithm=SHA-1024, qop="auth"',
      ]),
    );
    expect(answer).toHaveLength(1);
    expect(answer?.[0]?.[1]).toContain('nonce="2"');
  });

  test('answers each realm, and a proxy by Proxy-Authorization', () => {
    const answer = client().answerChallenge(
      request(),
      challenged(['Digest realm="a", nonce="1"', 'Digest realm="b", nonce="2", opaque="o"'], 407),
    );
    expect(answer?.map(([name]) => name)).toEqual(['Proxy-Authorization', 'Proxy-Authorization']);
    expect(answer?.[1]?.[1]).toContain('opaque="o"');
  });

  test.each([
    { name: 'no challenge', challenges: [] },
    { name: 'an unknown scheme', challenges: ['Basic realm="r"'] },
    { name: 'an unknown algorithm', challenges: ['Digest realm="r", nonce="1", algorithm=MD5-sess'] },
    { name: 'no nonce', challenges: ['Digest realm="r"'] },
    { name: 'auth-int alone', challenges: ['Digest realm="r", nonce="1", qop="auth-int"'] },
    { name: 'something unreadable', challenges: ['Digest realm="r'] },
  ])('has no answer to $name', ({ challenges }) => {
    expect(client().answerChallenge(request(), challenged(challenges))).toBeUndefined();
  });

  test('counts the uses of a nonce and sends credentials ahead', () => {
    const server = verifier();
    const phone = client();
    expect(phone.authorize(request())).toEqual([]);
    phone.answerChallenge(request(), refusal(server, 0, request()));
    for (const expected of ['00000002', '00000003']) {
      const headers = phone.authorize(request());
      expect(headers[0]?.[1]).toContain(`nc=${expected}`);
      expect(server.verify(1, request({ headers })).kind).toBe('accepted');
    }
  });

  test('does not answer twice where the password is wrong', () => {
    const server = verifier();
    const phone = client({ password: 'wrong' });
    const headers = phone.answerChallenge(request(), refusal(server, 0, request()));
    const retry = request({ headers: headers ?? [] });
    expect(phone.answerChallenge(retry, refusal(server, 1, retry))).toBeUndefined();
  });

  test('answers anew where credentials sent ahead met a server that forgot its nonce', () => {
    const phone = client();
    phone.answerChallenge(request(), refusal(verifier(), 0, request()));
    const ahead = request({ headers: phone.authorize(request()) });
    const fresh = challenged(['Digest realm="example.org", nonce="other", qop="auth"']);
    expect(phone.answerChallenge(ahead, fresh)?.[0]?.[1]).toContain('nc=00000001');
  });

  test('answers again where the nonce was stale', () => {
    const server = verifier({ nonceLifetimeMs: 1000 });
    const phone = client();
    const headers = phone.answerChallenge(request(), refusal(server, 0, request()));
    const late = request({ headers: headers ?? [] });
    const again = phone.answerChallenge(late, refusal(server, 5000, late));
    expect(server.verify(5001, request({ headers: again ?? [] })).kind).toBe('accepted');
  });
});
