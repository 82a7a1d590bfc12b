import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  MAX_HEADER_BYTES,
  MAX_HEADER_FIELDS,
  MAX_MESSAGE_BYTES,
  MalformedRequest,
  parseMessage,
  SipMessage,
  SipRequest,
  SipResponse,
  serializeMessage,
} from '../../../../signaling/message/index.ts';
import { anyCodePoint } from '../../../support/any-code-point.ts';
import { changed, INVITE_LINES, REGISTER_LINES, wire } from './samples.ts';

function requestOf(lines: readonly string[], body = ''): SipRequest {
  const parsed = parseMessage(wire(lines, body));
  if (!(parsed instanceof SipRequest)) throw new Error(String(parsed));
  return parsed;
}

describe('parseMessage()', () => {
  test('reads a REGISTER', () => {
    const request = requestOf(REGISTER_LINES);
    expect(request).toMatchObject({ kind: 'request', method: 'REGISTER', requestUriText: 'sip:example.com' });
    expect(request.callId).toBe('98231MTdkODgyYTcx');
    expect(request.cseq).toEqual({ sequenceNumber: 2, method: 'REGISTER' });
    expect([request.fromTag, request.toTag]).toEqual(['7c3b2e1a', undefined]);
    expect(request.topVia).toMatchObject({ transport: 'UDP', host: '192.0.2.77', port: 5060 });
    expect(request.branch).toBe('z9hG4bK-524287-1');
    expect([request.maxForwards, request.expires]).toEqual([70, 3600]);
    expect(request.contacts).toHaveLength(1);
    expect(request.headerValues('allow')).toEqual(['INVITE', 'ACK', 'CANCEL']);
    expect(request.body).toHaveLength(0);
    expect(request.check()).toBeUndefined();
  });

  test('reads an INVITE with compact forms, lists and a body to the end of the datagram (RFC 3261 §7.3.3, §18.3)', () => {
    const request = requestOf(INVITE_LINES, 'v=0\r\n');
    expect(request.vias.map((via) => via.host)).toEqual(['p1.example.com', '[2001:db8::9]', 'phone.invalid']);
    expect(request.vias[1]?.parameters.get('received')).toBe('2001:db8::1');
    expect(request.recordRoutes).toHaveLength(2);
    expect(request.routes).toHaveLength(1);
    expect(request.paths).toHaveLength(1);
    expect(request.headerValues('Supported')).toEqual(['100rel', 'timer', 'replaces']);
    expect(request.contentType).toBe('application/sdp');
    expect(request.bodyText).toBe('v=0\r\n');
    expect(request.header('subject')).toBeUndefined();
    expect([...request.headerFields()]).toHaveLength(INVITE_LINES.length - 1);
    expect(request.check()).toBeUndefined();
  });

  test('reads a response', () => {
    const lines = ['SIP/2.0 183 In Arbeit – bald', ...REGISTER_LINES.slice(1)];
    const parsed = parseMessage(wire(lines));
    expect(parsed).toBeInstanceOf(SipResponse);
    expect(parsed).toMatchObject({ kind: 'response', status: 183, reason: 'In Arbeit – bald' });
  });

  test('skips line breaks before the start line (RFC 3261 §7.5)', () => {
    expect(parseMessage(Buffer.concat([Buffer.from('\r\n\r\n'), wire(REGISTER_LINES)]))).toBeInstanceOf(
      SipRequest,
    );
  });

  test('reads any view of bytes, not only a Buffer', () => {
    const bytes = wire(REGISTER_LINES);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(parseMessage(shifted.subarray(3))).toBeInstanceOf(SipRequest);
  });

  const FAULTS = [
    { name: 'no Via', change: ['Via', undefined], place: 'Via', answerable: false },
    { name: 'an empty Via', change: ['Via', 'Via:'], place: 'Via[0]', answerable: false },
    { name: 'no From', change: ['From', undefined], place: 'From', answerable: false },
    { name: 'no To', change: ['To', undefined], place: 'To', answerable: false },
    { name: 'no Call-ID', change: ['Call-ID', undefined], place: 'Call-ID', answerable: false },
    {
      name: 'a Call-ID of two words',
      change: ['Call-ID', 'Call-ID: a b'],
      place: 'Call-ID',
      answerable: true,
    },
    { name: 'no CSeq', change: ['CSeq', undefined], place: 'CSeq', answerable: false },
    {
      name: 'a CSeq for another method',
      change: ['CSeq', 'CSeq: 2 INVITE'],
      place: 'CSeq',
      answerable: true,
    },
    { name: 'a From that is no address', change: ['From', 'From: alice'], place: 'From', answerable: true },
    { name: 'a To that is no address', change: ['To', 'To: <bob>'], place: 'To', answerable: true },
    { name: 'a second To', change: ['Expires', 't: <sip:x@y>'], place: 'To', answerable: true },
    {
      name: 'a second Max-Forwards',
      change: ['Expires', 'Max-Forwards: 1'],
      place: 'Max-Forwards',
      answerable: true,
    },
    {
      name: 'a Max-Forwards of 256',
      change: ['Max-Forwards', 'Max-Forwards: 256'],
      place: 'Max-Forwards',
      answerable: true,
    },
    {
      name: 'a Max-Forwards in words',
      change: ['Max-Forwards', 'Max-Forwards: many'],
      place: 'Max-Forwards',
      answerable: true,
    },
    { name: 'a bad lower Via', change: ['Expires', 'Via: SIP/2.0/UDP'], place: 'Via[1]', answerable: true },
    { name: 'a line without colon', change: ['Expires', 'Expires 3600'], place: 'headers', answerable: true },
    {
      name: 'a name with a space in it',
      change: ['Expires', 'Ex pires: 3'],
      place: 'headers',
      answerable: true,
    },
    { name: 'a line without name', change: ['Expires', ': 3'], place: 'headers', answerable: true },
    { name: 'a bare LF', change: ['Expires', 'Expires: 3\nX: y'], place: 'headers', answerable: true },
    { name: 'a bare CR', change: ['Expires', 'Expires: 3\rX: y'], place: 'headers', answerable: true },
    {
      name: 'a Content-Length in words',
      change: ['Content-Length', 'Content-Length: all'],
      place: 'Content-Length',
      answerable: true,
    },
    {
      name: 'a second Content-Length',
      change: ['Expires', 'l: 0'],
      place: 'Content-Length',
      answerable: true,
    },
    {
      name: 'a Content-Length that is too large',
      change: ['Content-Length', 'l: 1'],
      place: 'Content-Length',
      answerable: true,
    },
  ] as const;

  test.for(FAULTS)('refuses $name with 400', ({ change, place, answerable }) => {
    const parsed = parseMessage(wire(changed(REGISTER_LINES, change[0], change[1])));
    expect(parsed).toBeInstanceOf(MalformedRequest);
    expect(parsed).toMatchObject({ status: 400, place });
    expect(parsed instanceof MalformedRequest && parsed.answerable !== undefined).toBe(answerable);
  });

  test.for(FAULTS)('refuses a response with $name, and nobody is answered', ({ name, change, place }) => {
    const lines = ['SIP/2.0 200 OK', ...changed(REGISTER_LINES, change[0], change[1]).slice(1)];
    const parsed = parseMessage(wire(lines));
    if (name === 'a CSeq for another method') return expect(parsed).toBeInstanceOf(SipResponse);
    expect(parsed).toBeInstanceOf(DecodeError);
    expect(parsed).not.toBeInstanceOf(MalformedRequest);
    expect(parsed).toMatchObject({ place });
  });

  const START_LINES = [
    { line: 'REGISTER sip:example.com SIP/3.0', status: 505 },
    { line: 'REGISTER sip:example.com sip/2.0', status: undefined },
    { line: 'REGISTER sip:example.com SIP/2', status: 400 },
    { line: 'REGISTER sip:example.com', status: 400 },
    { line: 'REGISTER  SIP/2.0', status: 400 },
    { line: 'REGISTER mailto:x@y SIP/2.0', status: 416 },
    { line: 'REGISTER tel:+1234 SIP/2.0', status: undefined },
    { line: 'REGISTER sip:a@b?x=y SIP/2.0', status: 400 },
    { line: 'REGISTER sip:a@ SIP/2.0', status: 400 },
  ];
  test.for(START_LINES)('judges $line as $status', ({ line, status }) => {
    const parsed = parseMessage(wire([line, ...REGISTER_LINES.slice(1)]));
    if (status === undefined) return expect(parsed).toBeInstanceOf(SipRequest);
    expect(parsed).toMatchObject({ status });
    expect(parsed instanceof MalformedRequest && parsed.answerable).toBeTruthy();
  });

  const STATUS_LINES = [
    'SIP/2.0',
    'SIP/2.0 ',
    'SIP/2.0 20 OK',
    'SIP/2.0 2000 OK',
    'SIP/2.0 099 x',
    'SIP/2.0 700 x',
    'SIP/3.0 200 OK',
    'SIP/2.0  200 OK',
  ];
  test.for(STATUS_LINES)('refuses the status line %j', (line) => {
    expect(parseMessage(wire([line, ...REGISTER_LINES.slice(1)]))).toBeInstanceOf(DecodeError);
  });

  test('tells the byte at which the fault starts', () => {
    const lines = changed(REGISTER_LINES, 'CSeq', 'CSeq: x');
    const parsed = parseMessage(wire(lines));
    expect(parsed).toMatchObject({ offset: Buffer.from(wire(lines)).indexOf('CSeq: x') });
  });

  test('a message without bytes, of line breaks, or of rubbish is an error that nobody can answer', () => {
    for (const text of [
      '',
      '\r\n',
      '\r\n\r\n',
      '\n',
      '\r',
      ' ',
      ':',
      'SIP/',
      '\0\0\0\0',
      'x'.repeat(20_000),
    ]) {
      const parsed = parseMessage(Buffer.from(text));
      expect(parsed).toBeInstanceOf(DecodeError);
      expect(parsed instanceof MalformedRequest && parsed.answerable).toBeFalsy();
    }
  });

  describe('limits', () => {
    const filler = (count: number) => Array.from({ length: count }, () => 'X: y');

    test(`${MAX_HEADER_FIELDS} header fields pass, one more is 400`, () => {
      const own = REGISTER_LINES.length - 1;
      expect(parseMessage(wire([...REGISTER_LINES, ...filler(MAX_HEADER_FIELDS - own)]))).toBeInstanceOf(
        SipRequest,
      );
      const more = parseMessage(wire([...REGISTER_LINES, ...filler(MAX_HEADER_FIELDS - own + 1)]));
      expect(more).toMatchObject({ status: 400, code: 'SIP_TOO_MANY_HEADERS' });
    });

    test(`headers of ${MAX_HEADER_BYTES} bytes pass, one byte more is 513 and can be answered`, () => {
      const room = MAX_HEADER_BYTES - wire(REGISTER_LINES).length - 'X: \r\n'.length;
      expect(parseMessage(wire([...REGISTER_LINES, `X: ${'y'.repeat(room)}`]))).toBeInstanceOf(SipRequest);
      const more = parseMessage(wire([...REGISTER_LINES, `X: ${'y'.repeat(room + 1)}`]));
      expect(more).toMatchObject({ status: 513 });
      expect(more instanceof MalformedRequest && more.answerable?.header('call-id')).toBe(
        '98231MTdkODgyYTcx',
      );
    });

    test(`a message of ${MAX_MESSAGE_BYTES} bytes passes, one byte more is 513`, () => {
      const lines = changed(REGISTER_LINES, 'Content-Length', undefined);
      const room = MAX_MESSAGE_BYTES - wire(lines).length;
      expect(parseMessage(wire(lines, 'b'.repeat(room)))).toBeInstanceOf(SipRequest);
      expect(parseMessage(wire(lines, 'b'.repeat(room + 1)))).toMatchObject({ status: 513 });
    });
  });

  test('takes no longer than its length asks for', () => {
    // 16 kB of what makes a careless pattern backtrack; each takes well under a millisecond, or minutes.
    const hostile = [
      'a'.repeat(15_000),
      ' '.repeat(15_000),
      '"\\'.repeat(7000),
      ';a=b'.repeat(3500),
      '<"'.repeat(7000),
      ',"'.repeat(7000),
      '%4'.repeat(7000),
      '\r\n '.repeat(5000),
      ' \r\n \t'.repeat(2900),
    ];
    for (const value of hostile) {
      for (const name of [
        'Via',
        'From',
        'To',
        'CSeq',
        'Call-ID',
        'Contact',
        'Content-Length',
        'Authorization',
      ]) {
        const lines = REGISTER_LINES.filter((line) => !line.startsWith(`${name}:`));
        const parsed = parseMessage(wire([...lines, `${name}: x${value}x`]));
        if (parsed instanceof SipMessage) parsed.check();
      }
    }
  });

  test('flipped bits and cuts give a value, never an exception', () => {
    const bytes = Buffer.from(wire(INVITE_LINES, 'v=0\r\n'));
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      useEverything(parseMessage(flipped));
    }
    for (let end = 0; end < bytes.length; end += 1) useEverything(parseMessage(bytes.subarray(0, end)));
  });

  test('any bytes give a value, never an exception', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => useEverything(parseMessage(bytes))));
    const line = fc.string({ maxLength: 60, unit: anyCodePoint });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (more) =>
        useEverything(parseMessage(wire([...REGISTER_LINES, ...more]))),
      ),
    );
  });
});

/** What the network sent and was let pass must answer every getter, and survive the serializer. */
function useEverything(parsed: ReturnType<typeof parseMessage>): void {
  if (parsed instanceof DecodeError) return void String(parsed);
  parsed.check();
  void [
    parsed.callId,
    parsed.cseq,
    parsed.from,
    parsed.to,
    parsed.fromTag,
    parsed.toTag,
    parsed.vias,
    parsed.topVia,
  ];
  void [
    parsed.branch,
    parsed.contacts,
    parsed.isContactWildcard,
    parsed.routes,
    parsed.recordRoutes,
    parsed.paths,
  ];
  void [parsed.maxForwards, parsed.expires, parsed.contentType, parsed.body, parsed.bodyText];
  const again = parseMessage(serializeMessage(parsed));
  expect(again).not.toBeInstanceOf(DecodeError);
  expect(again).toMatchObject({
    callId: parsed.callId,
    cseq: parsed.cseq,
    from: parsed.from,
    to: parsed.to,
    vias: parsed.vias,
  });
}
