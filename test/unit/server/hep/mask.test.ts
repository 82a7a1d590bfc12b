import { describe, expect, test } from 'vitest';
import { maskSecrets } from '../../../../server/hep/mask.ts';
import { formatTurnServer } from '../../../../signaling/index.ts';

const masked = (text: string) => Buffer.from(maskSecrets(Buffer.from(text))).toString();

const message = (headers: readonly string[], body = '') =>
  ['INVITE sip:bob@b SIP/2.0', 'Via: SIP/2.0/UDP a', ...headers, '', body].join('\r\n');

describe('maskSecrets()', () => {
  test.for([
    {
      name: 'digest credentials',
      header:
        'Authorization: Digest username="alice", realm="a, b", nonce="n1", uri="sip:b", response="0123abcd", ' +
        'algorithm=MD5, cnonce="c1", qop=auth, nc=00000001',
      kept: ['username="alice"', 'realm="a, b"', 'algorithm=MD5', 'qop=auth'],
      gone: ['n1', '0123abcd', 'c1', '00000001'],
    },
    {
      name: 'those of a proxy, in odd cases and over lines',
      header: 'proxy-AUTHORIZATION :\tDIGEST username="alice",\r\n response="0123abcd",\r\n\tnonce="n1"',
      kept: ['username="alice"'],
      gone: ['0123abcd', 'n1'],
    },
    {
      name: 'another scheme',
      header: 'Authorization: Basic c2VjcmV0',
      kept: ['Basic masked'],
      gone: ['c2Vj'],
    },
    {
      name: 'a quote within quotes',
      header: 'Authorization: Digest username="a\\", response=\\"b", response="0123abcd"',
      kept: [],
      gone: ['0123abcd'],
    },
    {
      name: 'what a registered phone is given for our relays',
      header: `Turn-Server: ${formatTurnServer({
        host: '192.0.2.1',
        port: 3478,
        transport: 'udp',
        credentials: { username: '1764230400:alice', password: 'c2VjcmV0' },
      })}`,
      kept: ['<turn:192.0.2.1:3478?transport=udp>', 'username="1764230400:alice"'],
      gone: ['c2VjcmV0'],
    },
    { name: 'nonsense', header: 'Authorization: 0123abcd', kept: ['Via: SIP/2.0/UDP a'], gone: [] },
  ])('masks $name', ({ header, kept, gone }) => {
    const text = masked(message([header, 'Call-ID: x'], 'body'));
    for (const part of [...kept, 'Call-ID: x\r\n\r\nbody']) expect(text).toContain(part);
    for (const part of gone) expect(text).not.toContain(part);
  });

  test('masks keys in SDP without changing its length', () => {
    const sdp = [
      'v=0',
      'k=base64:c2VjcmV0',
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:32;inline:c2Vjb25k|2^20',
      'A=CRYPTO:2 AES_CM_128_HMAC_SHA1_32 inline:dGhpcmQ=',
      'a=key-mgmt:mikey AQAFgM0XflABAAAA',
      'a=ice-pwd:asd88fgpdd777uzjYhagZg',
      'a=rtpmap:0 PCMU/8000',
    ].join('\r\n');
    const text = masked(message(['Content-Type: application/sdp'], sdp));
    expect(text).toHaveLength(message(['Content-Type: application/sdp'], sdp).length);
    for (const secret of ['c2VjcmV0', 'd0Rm', 'c2Vjb25k', 'dGhpcmQ', 'AQAF', 'asd88'])
      expect(text).not.toContain(secret);
    for (const kept of [
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:*',
      '|2^20|1:32',
      'a=rtpmap:0 PCMU/8000',
    ]) {
      expect(text).toContain(kept);
    }
  });

  test('takes no longer than its length asks for', () => {
    // Each takes milliseconds, or minutes where a pattern looks at a part of it again and again.
    for (const part of [
      'a',
      ' ',
      'a ',
      '"',
      'a="',
      '\\"',
      ';password=',
      'a=crypto:',
      ';',
      '; ',
      ';\t',
      'k=',
      '\r\n ',
    ]) {
      const hostile = part.repeat(Math.ceil(300_000 / part.length));
      const headers = [`Authorization: Digest ${hostile}`, `Turn-Server: ${hostile}`];
      maskSecrets(Buffer.from(message(headers, hostile)));
    }
  });

  test('gives the very same bytes where nothing is secret, whatever they are', () => {
    const bytes = Buffer.concat([
      Buffer.from(message(['Subject: Ö'], 'a=crypt')),
      Buffer.from([0xff, 0, 0x80]),
    ]);
    expect(maskSecrets(bytes)).toBe(bytes);
  });

  test('leaves a challenge as it is: it proves nothing', () => {
    const text = message(['WWW-Authenticate: Digest realm="r", nonce="n1"']);
    expect(masked(text)).toBe(text);
  });
});
