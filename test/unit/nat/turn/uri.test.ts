import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { formatTurnUri, parseStunUri, parseTurnUri } from '../../../../nat/turn/uri.ts';

describe('parseTurnUri()', () => {
  // RFC 7065 §3.1, table 1.
  const table = [
    { uri: 'turn:example.org', expected: { host: 'example.org', port: 3478, transport: 'udp' } },
    { uri: 'turns:example.org', expected: { host: 'example.org', port: 5349, transport: 'tls' } },
    { uri: 'turn:example.org:8000', expected: { host: 'example.org', port: 8000, transport: 'udp' } },
    {
      uri: 'turn:example.org?transport=udp',
      expected: { host: 'example.org', port: 3478, transport: 'udp' },
    },
    {
      uri: 'turn:example.org?transport=tcp',
      expected: { host: 'example.org', port: 3478, transport: 'tcp' },
    },
    {
      uri: 'turns:example.org?transport=tcp',
      expected: { host: 'example.org', port: 5349, transport: 'tls' },
    },
    {
      uri: 'TURN:192.0.2.1:65535?Transport=UDP',
      expected: { host: '192.0.2.1', port: 65535, transport: 'udp' },
    },
    { uri: 'turn:[2001:DB8::1]:99', expected: { host: '2001:db8::1', port: 99, transport: 'udp' } },
    { uri: ' turn:[::1] ', expected: { host: '::1', port: 3478, transport: 'udp' } },
  ];
  test.each(table)('reads $uri', ({ uri, expected }) => {
    expect(parseTurnUri(uri)).toEqual(expected);
  });

  test.each([
    '',
    'turn',
    'turn:',
    'turn://example.org',
    'turn:alice@example.org',
    'turn:2001:db8::1',
    'turn:[2001:db8::1',
    'turn:[example.org]',
    'turn:example.org:0',
    'turn:example.org:65536',
    'turn:example.org:',
    'turn:exa mple.org',
    'turn:-x',
    'turn:example.org?transport=',
    'turn:example.org?transport=sctp',
    'turn:example.org?transport=tls',
    'turn:example.org?foo=bar',
    'turn:example.org#x',
    'stun:example.org',
    'sip:example.org',
  ])('rejects "%s"', (uri) => {
    expect(parseTurnUri(uri)).toBeInstanceOf(DecodeError);
  });

  test('rejects TURN over DTLS, which we do not speak', () => {
    const error = parseTurnUri('turns:example.org?transport=udp');
    expect(error).toMatchObject({ code: 'TURN_BAD_URI', place: 'transport' });
  });
});

test.each([
  'turn:192.0.2.1:3478?transport=udp',
  'turn:example.org:3478?transport=tcp',
  'turns:[2001:db8::1]:5349?transport=tcp',
])('formatTurnUri() writes what was read: %s', (uri) => {
  const server = parseTurnUri(uri);
  expect(server).not.toBeInstanceOf(DecodeError);
  if (!(server instanceof DecodeError)) expect(formatTurnUri(server)).toBe(uri);
});

describe('parseStunUri()', () => {
  // RFC 7064 §3.1 and its appendix A.
  test.each([
    { uri: 'stun:example.org', expected: { host: 'example.org', port: 3478, transport: 'udp' } },
    { uri: 'stuns:example.org', expected: { host: 'example.org', port: 5349, transport: 'tls' } },
    { uri: 'stun:example.org:8000', expected: { host: 'example.org', port: 8000, transport: 'udp' } },
    { uri: 'stun:[2001:db8::1]', expected: { host: '2001:db8::1', port: 3478, transport: 'udp' } },
  ])('reads $uri', ({ uri, expected }) => {
    expect(parseStunUri(uri)).toEqual(expected);
  });

  test.each(['', 'stun:', 'stun://example.org', 'stun:example.org?transport=udp', 'turn:example.org'])(
    'rejects "%s"',
    (uri) => {
      expect(parseStunUri(uri)).toBeInstanceOf(DecodeError);
    },
  );
});
