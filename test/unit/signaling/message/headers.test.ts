import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  formatNameAddr,
  formatUri,
  formatVia,
  parameterText,
  parseAuthList,
  parseAuthParameters,
  parseCseq,
  parseNameAddr,
  parseParameters,
  parseVia,
  splitList,
  withoutParameter,
  withParameter,
} from '../../../../signaling/message/index.ts';

const ADDRESSES = [
  { text: '<sip:a@b>', name: undefined, uri: 'sip:a@b', parameters: [] },
  { text: 'sip:a@b', name: undefined, uri: 'sip:a@b', parameters: [] },
  { text: 'sip:a@b;tag=1', name: undefined, uri: 'sip:a@b', parameters: [['tag', '1']] },
  { text: '<sip:a@b;tag=1>', name: undefined, uri: 'sip:a@b;tag=1', parameters: [] },
  { text: 'Alice <sip:a@b>', name: 'Alice', uri: 'sip:a@b', parameters: [] },
  { text: 'Alice<sip:a@b>', name: 'Alice', uri: 'sip:a@b', parameters: [] },
  {
    text: 'Alice B. Liddell  <sip:a@b>;x',
    name: 'Alice B. Liddell',
    uri: 'sip:a@b',
    parameters: [['x', undefined]],
  },
  {
    text: '"Alice, <x>; \\"y\\" \\\\" <sip:a@b>',
    name: 'Alice, <x>; "y" \\',
    uri: 'sip:a@b',
    parameters: [],
  },
  { text: '""<sip:a@b>', name: '', uri: 'sip:a@b', parameters: [] },
  { text: 'Zoë Ångström <sip:a@b>', name: 'Zoë Ångström', uri: 'sip:a@b', parameters: [] },
  { text: '<sip:a@b>;tag=MTIz/a==', name: undefined, uri: 'sip:a@b', parameters: [['tag', 'MTIz/a==']] },
  { text: '"Zoë" <sip:a@b>', name: 'Zoë', uri: 'sip:a@b', parameters: [] },
  {
    text: '<sip:a@b> ; Q = 0.5 ; +sip.instance="<urn:uuid:1;2>"',
    name: undefined,
    uri: 'sip:a@b',
    parameters: [
      ['q', '0.5'],
      ['+sip.instance', '"<urn:uuid:1;2>"'],
    ],
  },
  { text: 'sip:a@b;x="<"', name: undefined, uri: 'sip:a@b', parameters: [['x', '"<"']] },
  { text: 'tel:+1234;y=z', name: undefined, uri: 'tel:+1234', parameters: [['y', 'z']] },
];

const BAD_ADDRESSES = [
  '',
  '*',
  '<>',
  'Alice',
  '<sip:a@b',
  'sip:a@b>',
  '"Alice <sip:a@b>',
  '"Alice" sip:a@b',
  'Alice, B <sip:a@b>',
  '< sip:a@b>',
  '<sip:a@b >',
  'sip:a@b?x=y',
  'sip:a,b@c',
  '<sip:a@b>x',
  '<sip:a@b>;',
  '<sip:a@b>;;x',
  '<sip:a@b>;=y',
  '<sip:a@b>;x=',
  '<sip:a@b>;x;X',
  '<sip:a@b>;x="',
  '<sip:a@b>;x=y z',
  '"\\"<sip:a@b>',
];

describe('parseNameAddr() (RFC 3261 §20.10)', () => {
  test.for(ADDRESSES)('reads $text', ({ text, name, uri, parameters }) => {
    const address = parseNameAddr(text);
    if (address instanceof DecodeError) throw new Error(String(address));
    expect(address.displayName).toBe(name);
    expect(formatUri(address.uri)).toBe(uri);
    expect([...address.parameters]).toEqual(parameters);
    expect(parseNameAddr(formatNameAddr(address))).toEqual({ ...address, displayName: name || undefined });
  });

  test.for(BAD_ADDRESSES)('refuses %j', (text) => {
    expect(parseNameAddr(text)).toBeInstanceOf(DecodeError);
  });

  test('formatNameAddr() quotes the name, and lets no line break out', () => {
    const uri = { scheme: 'tel', number: '1', parameters: new Map() } as const;
    expect(formatNameAddr({ displayName: 'a"\\\r\nVia: b', uri, parameters: new Map() })).toBe(
      '"a\\"\\\\ Via: b" <tel:1>',
    );
  });
});

describe('parseVia() (RFC 3261 §20.42)', () => {
  const GOOD = [
    { text: 'SIP/2.0/UDP 192.0.2.1', via: { transport: 'UDP', host: '192.0.2.1', port: undefined } },
    {
      text: 'SIP/2.0/TCP Host.example.com:5070;branch=z9hG4bK1',
      via: { transport: 'TCP', host: 'host.example.com', port: 5070 },
    },
    { text: 'SIP/2.0/UDP [2001:db8::1]:5060;rport', via: { host: '[2001:db8::1]', port: 5060 } },
    {
      text: 'SIP / 2.0 / ws \t x.invalid : 5060 ; branch = z',
      via: { transport: 'WS', host: 'x.invalid', port: 5060 },
    },
    { text: 'sip/2.0/UDP a', via: { transport: 'UDP', host: 'a' } },
    { text: 'SIP/2.0/TLS-SCTP a;received=2001:db8::1;ttl=1', via: { transport: 'TLS-SCTP' } },
  ];
  test.for(GOOD)('reads $text', ({ text, via }) => {
    const parsed = parseVia(text);
    expect(parsed).toMatchObject(via);
    if (!(parsed instanceof DecodeError)) expect(parseVia(formatVia(parsed))).toEqual(parsed);
  });

  const BAD = [
    '',
    'SIP/2.0/UDP',
    'SIP/2.0/UDP ',
    'SIP/2.0 a',
    'SIP/1.0/UDP a',
    'HTTP/2.0/UDP a',
    'SIP/2.0/UDP a b',
    'SIP/2.0/UDP a:99999',
    'SIP/2.0/UDP a;',
    'SIP/2.0/UDP a;;x',
    'SIP/2.0/UDP a;branch',
    'SIP/2.0/UDP a;branch=',
    'SIP/2.0/UDP a;x;x',
    'SIP/2.0/UDP ;branch=1',
    'SIP/2.0/U@P a',
    'SIP/2.0/UDP a,b',
  ];
  test.for(BAD)('refuses %j', (text) => {
    expect(parseVia(text)).toBeInstanceOf(DecodeError);
  });

  test('lets another version pass only where it is asked to', () => {
    expect(parseVia('SIP/7.0/UDP a')).toBeInstanceOf(DecodeError);
    expect(parseVia('SIP/7.0/UDP a', { anyVersion: true })).toMatchObject({ host: 'a' });
  });
});

describe('parseCseq() (RFC 3261 §8.1.1.5)', () => {
  const CASES = [
    { text: '0 ACK', expected: 0 },
    { text: '0009 \t INVITE', expected: 9 },
    { text: '2147483647 INVITE', expected: 2 ** 31 - 1 },
    { text: '2147483648 INVITE', expected: undefined },
    { text: '99999999999999999999999999 INVITE', expected: undefined },
    { text: '-1 INVITE', expected: undefined },
    { text: '1', expected: undefined },
    { text: 'INVITE', expected: undefined },
    { text: '1 IN VITE', expected: undefined },
    { text: '', expected: undefined },
    { text: '0x1 A', expected: undefined },
  ];
  test.for(CASES)('$text is $expected', ({ text, expected }) => {
    const cseq = parseCseq(text);
    expect(cseq instanceof DecodeError ? undefined : cseq.sequenceNumber).toBe(expected);
  });
});

describe('parameters', () => {
  test('withParameter() and withoutParameter() leave the original as it is', () => {
    const parameters = parseParameters(';a=1;b');
    if (parameters instanceof DecodeError) throw new Error(String(parameters));
    const holder = { parameters };
    const more = withParameter(withParameter(holder, 'A', '2'), 'c');
    expect([...more.parameters]).toEqual([
      ['a', '2'],
      ['b', undefined],
      ['c', undefined],
    ]);
    expect([...withoutParameter(more, 'B').parameters.keys()]).toEqual(['a', 'c']);
    expect([...holder.parameters]).toEqual([
      ['a', '1'],
      ['b', undefined],
    ]);
  });

  test('parameterText() takes quotes off', () => {
    expect(parameterText(new Map([['x', '"a\\"b"']]), 'x')).toBe('a"b');
    expect(parameterText(new Map(), 'x')).toBeUndefined();
  });
});

describe('splitList()', () => {
  const CASES = [
    { text: 'a', parts: ['a'] },
    { text: 'a , b,c', parts: ['a', 'b', 'c'] },
    { text: '"a,b" <sip:c,d@e>, f', parts: ['"a,b" <sip:c,d@e>', 'f'] },
    { text: '"a\\",b", c', parts: ['"a\\",b"', 'c'] },
    { text: '"a\\\\",b', parts: ['"a\\\\"', 'b'] },
    { text: 'a,,b', parts: ['a', '', 'b'] },
    { text: '"never closed, x', parts: ['"never closed, x'] },
    { text: '<never closed, x', parts: ['<never closed, x'] },
    { text: ',', parts: ['', ''] },
  ];
  test.for(CASES)('$text', ({ text, parts }) => {
    expect(splitList(text)).toEqual(parts);
  });
});

describe('parseAuthParameters()', () => {
  test('reads a scheme and its list, quoted or not', () => {
    const parsed = parseAuthParameters('Digest realm="a, \\"b\\"",nonce=abc , qop="auth",uri=sip:x@y');
    expect(parsed).toMatchObject({ scheme: 'Digest' });
    expect(!(parsed instanceof DecodeError) && [...parsed.parameters]).toEqual([
      ['realm', 'a, "b"'],
      ['nonce', 'abc'],
      ['qop', 'auth'],
      ['uri', 'sip:x@y'],
    ]);
  });

  const BAD = [
    '',
    'Digest',
    'Digest ',
    'Digest realm',
    'Digest realm=',
    'Digest a="b',
    'Digest a=b c=d',
    'Digest a=1,a=2',
    'Digest a=1,A=2',
  ];
  test.for(BAD)('refuses %j', (text) => {
    expect(parseAuthParameters(text)).toBeInstanceOf(DecodeError);
  });

  test('has a bound', () => {
    const list = Array.from({ length: 65 }, (_, index) => `p${index}=1`).join(',');
    expect(parseAuthParameters(`Digest ${list}`)).toBeInstanceOf(DecodeError);
  });

  test('never shows a digest in its error', () => {
    expect(String(parseAuthParameters('Digest username="a", response="0123456789abcdef'))).not.toContain(
      '0123',
    );
  });

  test('parseAuthList() reads Authentication-Info', () => {
    expect(parseAuthList('nextnonce="x", qop=auth')).toEqual(
      new Map([
        ['nextnonce', 'x'],
        ['qop', 'auth'],
      ]),
    );
  });
});
