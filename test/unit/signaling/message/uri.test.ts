import { describe, expect, test } from 'vitest';
import { DecodeError, InvariantError } from '../../../../core/index.ts';
import {
  escapeUser,
  formatUri,
  parseUri,
  sipUri,
  unescapeUser,
} from '../../../../signaling/message/index.ts';

const GOOD = [
  { text: 'sip:example.com', expected: { scheme: 'sip', user: undefined, host: 'example.com' } },
  { text: 'sip:alice@example.com', expected: { user: 'alice', host: 'example.com', port: undefined } },
  { text: 'sips:alice@Example.COM:5061', expected: { scheme: 'sips', host: 'example.com', port: 5061 } },
  { text: 'SIP:alice@example.com', expected: { scheme: 'sip', user: 'alice' } },
  { text: 'sip:alice:secret@example.com', expected: { user: 'alice', password: 'secret' } },
  { text: 'sip:alice:@example.com', expected: { user: 'alice', password: '' } },
  { text: 'sip:a;b?c/d@example.com', expected: { user: 'a;b?c/d' } },
  { text: 'sip:j%40s0n@example.com', expected: { user: 'j%40s0n' } },
  { text: 'sip:*43@example.com', expected: { user: '*43' } },
  { text: 'sip:*97#@example.com', expected: { user: '*97#' } },
  { text: 'sip:alice@[2001:db8::1]:5060;lr', expected: { host: '[2001:db8::1]', port: 5060 } },
  { text: 'sip:alice@[::ffff:192.0.2.1]', expected: { host: '[::ffff:192.0.2.1]' } },
  { text: 'sip:alice@192.0.2.1:0', expected: { host: '192.0.2.1', port: 0 } },
  { text: 'sip:my_host', expected: { host: 'my_host' } },
  { text: 'sip:example.com.', expected: { host: 'example.com.' } },
  { text: 'sip:a@b?subject=x&to=y%20z', expected: { headers: 'subject=x&to=y%20z' } },
  { text: 'tel:+1-201-555-0123', expected: { scheme: 'tel', number: '+1-201-555-0123' } },
  { text: 'tel:7042;phone-context=example.com', expected: { scheme: 'tel', number: '7042' } },
  { text: 'http://www.example.com', expected: { scheme: 'other', text: 'http://www.example.com' } },
  { text: 'urn:service:sos', expected: { scheme: 'other' } },
];

const BAD = [
  { name: 'nothing', text: '' },
  { name: 'no scheme', text: 'alice@example.com' },
  { name: 'a scheme alone', text: 'sip:' },
  { name: 'an empty user', text: 'sip:@example.com' },
  { name: 'no host', text: 'sip:alice@' },
  { name: 'two @', text: 'sip:a@b@c' },
  { name: 'white space before', text: ' sip:a@b' },
  { name: 'white space behind', text: 'sip:a@b ' },
  { name: 'white space within', text: 'sip:a b@c' },
  { name: 'a line break', text: 'sip:a@b\r\n' },
  { name: 'angle brackets', text: '<sip:a@b>' },
  { name: 'an unclosed bracket', text: 'sip:a@[2001:db8::1' },
  { name: 'brackets around no address', text: 'sip:a@[example.com]' },
  { name: 'a bare IPv6 address', text: 'sip:a@2001:db8::1' },
  { name: 'a zone', text: 'sip:a@[fe80::1%25eth0]' },
  { name: 'text behind the bracket', text: 'sip:a@[::1]x' },
  { name: 'an empty port', text: 'sip:a@b:' },
  { name: 'a port over 65535', text: 'sip:a@b:65536' },
  { name: 'a port in words', text: 'sip:a@b:sip' },
  { name: 'half an escape in the user', text: 'sip:%4@b' },
  { name: 'half an escape in a parameter', text: 'sip:a@b;x=%zz' },
  { name: 'an empty parameter', text: 'sip:a@b;' },
  { name: 'a parameter without name', text: 'sip:a@b;=c' },
  { name: 'a parameter twice (RFC 3261 §19.1.1)', text: 'sip:a@b;lr;lr' },
  { name: 'a parameter twice, once escaped', text: 'sip:a@b;lr;%6cr' },
  { name: 'empty headers', text: 'sip:a@b?' },
  { name: 'a host that starts with a dot', text: 'sip:a@.b' },
  { name: 'tel: without number', text: 'tel:' },
  { name: 'tel: with letters', text: 'tel:call-me' },
  { name: 'a control character in another scheme', text: 'x:\u0001' },
  { name: 'characters outside ASCII', text: 'sip:ä@example.com' },
];

describe('parseUri()', () => {
  test.for(GOOD)('reads $text', ({ text, expected }) => {
    expect(parseUri(text)).toMatchObject(expected);
  });

  test.for(GOOD)('formatUri() gives back $text', ({ text }) => {
    const uri = parseUri(text);
    if (uri instanceof DecodeError) throw new Error(String(uri));
    expect(formatUri(uri).toLowerCase()).toBe(text.toLowerCase());
    expect(parseUri(formatUri(uri))).toEqual(uri);
  });

  test.for(BAD)('refuses $name', ({ text }) => {
    expect(parseUri(text)).toBeInstanceOf(DecodeError);
  });

  test('keeps names of parameters in lower case and their values as they came', () => {
    const uri = parseUri('sip:a@b;Transport=TCP;LR;x=%41');
    expect(uri.constructor === Object && 'parameters' in uri && [...uri.parameters]).toEqual([
      ['transport', 'TCP'],
      ['lr', undefined],
      ['x', '%41'],
    ]);
  });

  test('shows a long URI cut short in its error', () => {
    expect(String(parseUri(`sip:${' '.repeat(10_000)}`)).length).toBeLessThan(300);
  });
});

describe('sipUri()', () => {
  test('builds a URI of its parts, IPv6 with brackets', () => {
    const uri = sipUri({
      user: escapeUser('a b'),
      host: '2001:DB8::1',
      port: 5062,
      parameters: [['ob', undefined]],
    });
    expect(formatUri(uri)).toBe('sip:a%20b@[2001:db8::1]:5062;ob');
  });

  test('lets nobody inject by host, user or parameter', () => {
    expect(() => sipUri({ host: 'a\r\nVia: x' })).toThrow(InvariantError);
    expect(() => sipUri({ host: 'a', user: 'x\r\n' })).toThrow(InvariantError);
    expect(() => sipUri({ host: 'a', parameters: [['x', 'y\r\nVia: z']] })).toThrow(InvariantError);
    expect(() => sipUri({ host: 'a', parameters: [['x', 'y>']] })).toThrow(InvariantError);
  });
});

describe('escapeUser()', () => {
  const CASES = [
    { text: 'alice', escaped: 'alice' },
    { text: 'a b', escaped: 'a%20b' },
    { text: 'sips:user@example.com', escaped: 'sips%3Auser%40example.com' },
    { text: 'ünï', escaped: '%C3%BCn%C3%AF' },
    { text: '100%', escaped: '100%25' },
    { text: '*97#', escaped: '*97%23' },
    { text: '\u0000\r\n', escaped: '%00%0D%0A' },
    { text: '😀', escaped: '%F0%9F%98%80' },
  ];
  test.for(CASES)('writes $text as $escaped, and unescapeUser() reads it', ({ text, escaped }) => {
    expect(escapeUser(text)).toBe(escaped);
    expect(unescapeUser(escaped)).toBe(text);
  });

  test('a lone surrogate becomes U+FFFD', () => {
    expect(escapeUser('\ud800')).toBe('%EF%BF%BD');
  });

  test('unescapeUser() leaves alone what is no UTF-8', () => {
    expect(unescapeUser('%ff%41')).toBe('%ff%41');
    expect(unescapeUser('50%')).toBe('50%');
  });
});
