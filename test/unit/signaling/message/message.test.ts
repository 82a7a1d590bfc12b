import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError, InvariantError } from '../../../../core/index.ts';
import {
  createRequest,
  createResponse,
  defaultReason,
  MalformedRequest,
  parseMessage,
  SipRequest,
  type SipResponse,
  serializeMessage,
  sipUri,
  withParameter,
} from '../../../../signaling/message/index.ts';
import { changed, INVITE_LINES, REGISTER_LINES, wire } from './samples.ts';

function requestOf(lines: readonly string[], body = ''): SipRequest {
  const parsed = parseMessage(wire(lines, body));
  if (!(parsed instanceof SipRequest)) throw new Error(String(parsed));
  return parsed;
}

const textOf = (message: SipRequest | SipResponse) => Buffer.from(serializeMessage(message)).toString('utf8');

describe('createRequest() and serializeMessage()', () => {
  test('write the start line, the headers in order, and a Content-Length in bytes', () => {
    const request = createRequest({
      method: 'MESSAGE',
      requestUri: sipUri({ user: 'bob', host: 'example.com' }),
      headers: [
        ['To', '<sip:bob@example.com>'],
        ['X-Name', 'Zoë'],
      ],
      body: 'naïve',
      contentType: 'text/plain',
    });
    expect(textOf(request)).toBe(
      'MESSAGE sip:bob@example.com SIP/2.0\r\nTo: <sip:bob@example.com>\r\nX-Name: Zoë\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nnaïve',
    );
  });

  test('keep a body of bytes as it is, and have no use for a Content-Length of the caller', () => {
    const body = Uint8Array.of(0, 255, 13, 10);
    const request = createRequest({
      method: 'X',
      requestUri: sipUri({ host: 'a' }),
      headers: [
        ['content-length', '99'],
        ['E', 'ü'],
      ],
      body,
    });
    const bytes = Buffer.from(serializeMessage(request));
    expect(bytes.toString('latin1').startsWith('X sip:a SIP/2.0\r\nE: Ã¼\r\nContent-Length: 4\r\n\r\n')).toBe(
      true,
    );
    expect([...bytes.subarray(-4)]).toEqual([0, 255, 13, 10]);
  });

  const INJECTIONS: readonly [name: string, value: string][] = [
    ['Subject', 'a\r\nVia: b'],
    ['Subject', 'a\nVia: b'],
    ['Subject', 'a\rVia: b'],
    ['Subject\r\nVia', 'b'],
    ['Sub ject', 'b'],
    ['Subject:', 'b'],
    ['', 'b'],
  ];
  test.for(INJECTIONS)('refuse the header %j: %j', (field) => {
    const requestUri = sipUri({ host: 'a' });
    expect(() => createRequest({ method: 'X', requestUri, headers: [field] })).toThrow(InvariantError);
    const request = requestOf(REGISTER_LINES);
    for (const changes of [{ set: [field] }, { prepend: [field] }, { append: [field] }]) {
      expect(() => request.with(changes)).toThrow(InvariantError);
    }
    expect(() => createResponse(request, 200, { headers: [field] })).toThrow(InvariantError);
  });

  test('refuse line breaks in method, reason, tag, Content-Type and another scheme', () => {
    const request = requestOf(REGISTER_LINES);
    const requestUri = sipUri({ host: 'a' });
    const CASES = [
      () => createRequest({ method: 'X\r\n', requestUri, headers: [] }),
      () =>
        createRequest({ method: 'X', requestUri: { scheme: 'other', text: 'x:y SIP/2.0\r\n' }, headers: [] }),
      () => createRequest({ method: 'X', requestUri, headers: [], contentType: 'a\r\n' }),
      () => createResponse(request, 200, { reason: 'a\r\nb' }),
      () => createResponse(request, 200, { toTag: 'a\r\nb' }),
      () => createResponse(request, 99),
    ];
    for (const make of CASES) expect(make).toThrow(InvariantError);
  });

  test('what is created has the getters of what is received', () => {
    const request = createRequest({
      method: 'OPTIONS',
      requestUri: sipUri({ host: 'a' }),
      headers: [
        ['From', '<sip:a@b>;tag=1'],
        ['To', '<sip:c@d>'],
        ['CSeq', '1 OPTIONS'],
        ['Call-ID', 'x'],
      ],
      body: 'ü',
    });
    expect([request.fromTag, request.cseq.sequenceNumber, request.callId, request.branch]).toEqual([
      '1',
      1,
      'x',
      undefined,
    ]);
    expect([request.body.length, request.vias.length]).toEqual([2, 0]);
    expect(() => request.topVia).toThrow(InvariantError);
  });

  test('parse, serialize and parse again is the identity', () => {
    const word = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'abcXYZ019-.~') });
    const value = fc.string({ maxLength: 30 }).map((text) => text.replace(/[\r\n]/g, '').trim());
    fc.assert(
      fc.property(
        word,
        fc.array(fc.tuple(word, value), { maxLength: 8 }),
        fc.string(),
        (callId, extra, body) => {
          const lines = changed(
            changed(REGISTER_LINES, 'Call-ID', `Call-ID: ${callId}`),
            'Content-Length',
            undefined,
          );
          const more = extra.map(([name, text]) => `X-${name}: ${text}`);
          const first = requestOf([...lines, ...more], body);
          const second = parseMessage(serializeMessage(first));
          if (!(second instanceof SipRequest)) throw new Error(String(second));
          expect([...second.headerFields()].filter(([name]) => name !== 'Content-Length')).toEqual([
            ...first.headerFields(),
          ]);
          expect(second.bodyText).toBe(first.bodyText);
          expect(textOf(second)).toBe(textOf(first));
        },
      ),
    );
  });
});

describe('createResponse() (RFC 3261 §8.2.6)', () => {
  test('repeats Via, From, To, Call-ID and CSeq, and tags To', () => {
    const response = createResponse(requestOf(REGISTER_LINES), 200, { toTag: 'abc' });
    expect(textOf(response)).toBe(
      [
        'SIP/2.0 200 OK',
        'Via: SIP/2.0/UDP 192.0.2.77:5060;branch=z9hG4bK-524287-1;rport',
        'From: "Alice" <sip:alice@example.com>;tag=7c3b2e1a',
        'To: "Alice" <sip:alice@example.com>;tag=abc',
        'Call-ID: 98231MTdkODgyYTcx',
        'CSeq: 2 REGISTER',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );
    expect(response.toTag).toBe('abc');
  });

  test('keeps every Via in order, and Record-Route where a dialog may come of it (§12.1.1)', () => {
    const request = requestOf(INVITE_LINES, 'v=0\r\n');
    const statuses = [100, 180, 200, 404];
    const responses = statuses.map((status) => createResponse(request, status, { toTag: 'x' }));
    for (const response of responses) {
      expect(response.vias).toEqual(request.vias);
      expect(response.cseq).toEqual(request.cseq);
    }
    expect(responses.map((response) => response.recordRoutes.length)).toEqual([0, 2, 2, 0]);
    expect(responses.map((response) => response.toTag)).toEqual([undefined, 'x', 'x', 'x']);
    expect(responses.map((response) => response.header('timestamp'))).toEqual([
      '54',
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('keeps a tag that To has already', () => {
    const request = requestOf(changed(REGISTER_LINES, 'To', 'To: <sip:a@b>;tag=old'));
    expect(createResponse(request, 200, { toTag: 'new' }).toTag).toBe('old');
  });

  test('makes the same tag for the same request where none is given (§8.2.7)', () => {
    const a = createResponse(requestOf(REGISTER_LINES), 404).toTag;
    const b = createResponse(requestOf(REGISTER_LINES), 404).toTag;
    const c = createResponse(requestOf(changed(REGISTER_LINES, 'Call-ID', 'Call-ID: other')), 404).toTag;
    expect(a).toMatch(/^[0-9a-f]{16}$/);
    expect(b).toBe(a);
    expect(c).not.toBe(a);
  });

  test('answers a malformed request without repeating its fault elsewhere', () => {
    const parsed = parseMessage(wire(changed(REGISTER_LINES, 'To', 'To: "Bob <sip:b@c>')));
    if (!(parsed instanceof MalformedRequest) || !parsed.answerable) throw new Error(String(parsed));
    const via = withParameter(parsed.answerable.topVia, 'received', '192.0.2.200');
    const response = createResponse(parsed.answerable.withTopVia(via), parsed.status, {
      reason: parsed.phrase,
    });
    expect(response).toMatchObject({ status: 400, reason: 'Bad Request (To)' });
    expect(response.header('To')).toBe('"Bob <sip:b@c>');
    expect(response.topVia.parameters.get('received')).toBe('192.0.2.200');
  });

  test('carries no header that a bare CR hid in a malformed request', () => {
    const parsed = parseMessage(wire(changed(REGISTER_LINES, 'To', 'To: <sip:a@b>\rVia: x')));
    expect(parsed).toBeInstanceOf(MalformedRequest);
    expect(parsed instanceof MalformedRequest && parsed.answerable).toBeUndefined();
  });

  test('defaultReason() knows the phrase, or one for the class', () => {
    expect([200, 486, 299, 699].map(defaultReason)).toEqual(['OK', 'Busy Here', 'OK', 'Failed Everywhere']);
  });
});

describe('SipRequest.with()', () => {
  test('sets in place, removes, prepends and appends by name in any form, and leaves the original', () => {
    const request = requestOf(INVITE_LINES, 'v=0\r\n');
    const before = textOf(request);
    const changedRequest = request.with({
      requestUri: sipUri({ user: 'carol', host: 'example.org' }),
      set: [
        ['Contact', '<sip:new@example.com>'],
        ['Max-Forwards', '67'],
        ['Expires', '60'],
      ],
      remove: ['record-route', 'Supported', 'absent'],
      prepend: [['Via', 'SIP/2.0/UDP us.example.com;branch=z9hG4bKnew']],
      append: [['User-Agent', 'x']],
      body: 'hello',
    });
    expect(changedRequest.requestUri).toMatchObject({ user: 'carol' });
    expect(changedRequest.vias).toHaveLength(4);
    expect(changedRequest.topVia.host).toBe('us.example.com');
    expect(changedRequest.contacts.map((contact) => contact.uri)).toMatchObject([{ user: 'new' }]);
    expect([changedRequest.maxForwards, changedRequest.expires]).toEqual([67, 60]);
    expect(changedRequest.recordRoutes).toEqual([]);
    expect(changedRequest.headerValues('k')).toEqual([]);
    expect(changedRequest.bodyText).toBe('hello');
    expect([...changedRequest.headerFields()].at(-1)).toEqual(['User-Agent', 'x']);
    expect(textOf(request)).toBe(before);
    expect(parseMessage(serializeMessage(changedRequest))).toBeInstanceOf(SipRequest);
  });

  test('several fields of one name take the place of the first', () => {
    const request = requestOf(REGISTER_LINES).with({
      set: [
        ['Contact', '<sip:a@b>'],
        ['m', '<sip:c@d>'],
      ],
    });
    const names = [...request.headerFields()].map(([name]) => name);
    expect(names.slice(2, 4)).toEqual(['Contact', 'm']);
    expect(request.contacts).toHaveLength(2);
  });

  test('forgets what was read of a header that changes', () => {
    const request = requestOf(REGISTER_LINES);
    expect(request.toTag).toBeUndefined();
    expect(request.with({ set: [['t', '<sip:a@b>;tag=1']] }).toTag).toBe('1');
    expect(request.with({ set: [['CSeq', '3 REGISTER']] }).cseq.sequenceNumber).toBe(3);
  });

  test('withTopVia() changes the first Via alone, also within a list', () => {
    const request = requestOf(INVITE_LINES, '');
    const marked = request.withTopVia(withParameter(request.topVia, 'received', '192.0.2.9'));
    const again = parseMessage(serializeMessage(marked));
    if (again instanceof DecodeError) throw new Error(String(again));
    expect(again.vias).toEqual(marked.vias);
    expect(again.vias.map((via) => via.parameters.get('received'))).toEqual([
      '192.0.2.9',
      '2001:db8::1',
      undefined,
    ]);
    expect(request.topVia.parameters.has('received')).toBe(false);
  });
});

describe('SipMessage.check()', () => {
  const FAULTS = [
    { line: 'Contact: *', place: 'Contact' },
    { line: 'Contact: <sip:a@b>, <sip:', place: 'Contact[1]' },
    { line: 'Contact: <sip:a@b>,, <sip:c@d>', place: 'Contact[1]' },
    { line: 'Route: sip:a@b?c', place: 'Route[0]' },
    { line: 'Record-Route: <x>', place: 'Record-Route[0]' },
    { line: 'Path: ,', place: 'Path[0]' },
    { line: 'Expires: soon', place: 'Expires' },
    { line: 'Expires: 1\r\nExpires: 2', place: 'Expires' },
    { line: 'Content-Type: text', place: 'Content-Type' },
    { line: 'Content-Type: text/plain\r\nc: text/html', place: 'Content-Type' },
    { line: 'Require: a b', place: 'Require[0]' },
    { line: 'Authorization: Digest realm="x', place: 'Authorization[0]' },
    { line: 'Session-Expires: x;refresher=uac', place: 'Session-Expires' },
    { line: 'RAck: 1 INVITE', place: 'RAck' },
    { line: 'RSeq: -1', place: 'RSeq' },
    { line: 'Event: ', place: 'Event' },
    { line: 'Refer-To: bob', place: 'Refer-To' },
  ];
  const OPTIONS_LINES = [
    'OPTIONS sip:a@b SIP/2.0',
    'Via: SIP/2.0/UDP c',
    'From: <sip:a@b>;tag=1',
    'To: <sip:a@b>',
    'Call-ID: x',
    'CSeq: 1 OPTIONS',
  ];

  test.for(FAULTS)('finds $line', ({ line, place }) => {
    const request = requestOf([...OPTIONS_LINES, line]);
    expect(request.check()).toMatchObject({ place, status: 400 });
    expect(request.check()).toBeInstanceOf(MalformedRequest);
  });

  const GOOD = [
    'Supported:',
    'Allow: INVITE, ACK,',
    'Require: ,',
    'Expires: 99999999999999',
    'Date: whenever',
    'Session-Expires: 1800;refresher=uas',
    'Content-Type: multipart/mixed;boundary="a b"',
    'Authorization: Unknown x=y',
    'Event: presence;id=1',
    'Contact: "a,b" <sip:a,b@c>, sip:d@e',
    'X-Any: ,,;;""',
  ];
  test.for(GOOD)('lets %s pass', (line) => {
    expect(requestOf([...OPTIONS_LINES, line]).check()).toBeUndefined();
  });

  test('Contact: * is right in a REGISTER, alone (RFC 3261 §10.2.2)', () => {
    const request = requestOf(changed(REGISTER_LINES, 'Contact', 'Contact: *'));
    expect(request.check()).toBeUndefined();
    expect(request.isContactWildcard).toBe(true);
    expect(request.contacts).toEqual([]);
    const both = requestOf(changed(REGISTER_LINES, 'Contact', 'Contact: *\r\nContact: <sip:a@b>'));
    expect(both.check()?.place).toBe('Contact');
  });
});
