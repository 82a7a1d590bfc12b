import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { digestAlgorithm, digestResponse, ha1 } from '../../../../signaling/digest/algorithm.ts';

const NO_BODY = new Uint8Array(0);

interface Vector {
  readonly source: string;
  readonly algorithm: string;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  readonly nc?: string;
  readonly cnonce?: string;
  readonly qop?: 'auth';
  readonly response: string;
}

// RFC 2617 §3.5, RFC 7616 §3.9.1: the published examples.
const PUBLISHED: readonly Vector[] = [
  {
    source: 'RFC 2617 §3.5',
    algorithm: 'MD5',
    username: 'Mufasa',
    realm: 'testrealm@host.com',
    password: 'Circle Of Life',
    method: 'GET',
    uri: '/dir/index.html',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    nc: '00000001',
    cnonce: '0a4f113b',
    qop: 'auth',
    response: '6629fae49393a05397450978507c4ef1',
  },
  ...(['MD5', 'SHA-256'] as const).map((algorithm) => ({
    source: 'RFC 7616 §3.9.1',
    algorithm,
    username: 'Mufasa',
    realm: 'http-auth@example.org',
    password: 'Circle of Life',
    method: 'GET',
    uri: '/dir/index.html',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    nc: '00000001',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    qop: 'auth' as const,
    response:
      algorithm === 'MD5'
        ? '8ca523f5e9506fed4657c9700eebdbec'
        : '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  })),
];

const FILE = `${process.env.PATCHCORD_DATA ?? '../shared/data'}/digest-vectors/vectors.json`;
const FILED: readonly Vector[] = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : [];

function respond(vector: Vector): string {
  const algorithm = digestAlgorithm(vector.algorithm);
  if (!algorithm) throw new Error(`no algorithm ${vector.algorithm}`);
  const protection =
    vector.qop && vector.nc && vector.cnonce
      ? { qop: vector.qop, nonceCount: vector.nc, cnonce: vector.cnonce }
      : undefined;
  return digestResponse(algorithm, ha1(algorithm, vector), { ...vector, protection, body: NO_BODY });
}

describe('digestResponse()', () => {
  test.each(PUBLISHED)('gives the published $algorithm response of $source', (vector) => {
    expect(respond(vector)).toBe(vector.response);
  });

  test.skipIf(FILED.length === 0)('gives every response of digest-vectors (set PATCHCORD_DATA)', () => {
    for (const vector of FILED) expect(respond(vector), vector.source).toBe(vector.response);
  });

  test('includes the body with auth-int (RFC 7616 §3.4.3)', () => {
    const input = {
      method: 'INVITE',
      uri: 'sip:bob@example.org',
      nonce: 'n',
      protection: { qop: 'auth-int', nonceCount: '00000001', cnonce: 'c' },
    } as const;
    const first = digestResponse('MD5', 'a', { ...input, body: NO_BODY });
    expect(digestResponse('MD5', 'a', { ...input, body: Uint8Array.of(1) })).not.toBe(first);
  });
});

test.each([
  { name: 'absent means MD5 (RFC 7616 §3.3)', input: undefined, expected: 'MD5' },
  { name: 'lower case', input: 'md5', expected: 'MD5' },
  { name: 'SHA-256', input: 'sha-256', expected: 'SHA-256' },
  { name: 'session variants are unknown', input: 'MD5-sess', expected: undefined },
  { name: 'others are unknown', input: 'SHA-1', expected: undefined },
])('digestAlgorithm(): $name', ({ input, expected }) => {
  expect(digestAlgorithm(input)).toBe(expected);
});
