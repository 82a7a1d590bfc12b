import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  createResponse,
  MalformedRequest,
  parseMessage,
  SipMessage,
  SipRequest,
  serializeMessage,
  unescapeUser,
} from '../../../../signaling/message/index.ts';
import { TORTURE_MESSAGES } from '../../../vectors/rfc4475.ts';

const FOLDER = resolve(
  process.env.PATCHCORD_DATA ?? resolve(import.meta.dirname, '../../../../../shared/data'),
  'rfc4475',
);
const IS_ABSENT = !existsSync(FOLDER);

const bytesOf = (file: string) => readFileSync(resolve(FOLDER, `${file}.dat`));

function requestOf(file: string): SipRequest {
  const parsed = parseMessage(bytesOf(file));
  if (!(parsed instanceof SipRequest)) throw new Error(`${file}: ${parsed}`);
  return parsed;
}

// Without the data folder there is nothing to read: set PATCHCORD_DATA.
describe.skipIf(IS_ABSENT)('RFC 4475 at the parser', () => {
  test.for(TORTURE_MESSAGES)('$file is judged as the table says (RFC 4475 §$section)', (row) => {
    const parsed = parseMessage(bytesOf(row.file));
    expect(parsed instanceof SipMessage ? 'message' : 'error').toBe(row.atParse);
    if (parsed instanceof SipMessage) expect(parsed.kind).toBe(row.kind);
    if (row.atParse === 'message' && row.expectStatus !== 'dropped') {
      const isRefused = (parsed as SipMessage).check() !== undefined;
      expect(isRefused, 'check()').toBe(row.expectStatus.length === 1 && row.expectStatus[0] === 400);
    }
    if (row.atParse === 'message') return;
    if (row.expectStatus === 'dropped') {
      expect(parsed instanceof MalformedRequest ? parsed.answerable : undefined).toBeUndefined();
    } else if (parsed instanceof MalformedRequest && parsed.answerable) {
      expect(row.expectStatus).toContain(parsed.status);
      const answer = createResponse(parsed.answerable, parsed.status, { reason: parsed.phrase });
      expect(parseMessage(serializeMessage(answer.with({ body: '' })))).toBeDefined();
    } else expect.fail(`nobody can answer ${row.file}`);
  });

  test('wsinv: every header is read through its folds and white space', () => {
    const request = requestOf('wsinv');
    expect(request.maxForwards).toBe(68);
    expect(request.cseq).toEqual({ sequenceNumber: 9, method: 'INVITE' });
    expect(request.toTag).toBe('1918181833n');
    expect(request.from.displayName).toBe('J Rosenberg \\"');
    expect(request.fromTag).toBe('98asjd8');
    expect(request.vias.map((via) => [via.transport, via.host, via.parameters.get('branch')])).toEqual([
      ['UDP', '192.0.2.2', '390skdjuw'],
      ['TCP', 'spindle.example.com', 'z9hG4bK9ikj8'],
      ['UDP', '192.168.255.111', 'z9hG4bK30239'],
    ]);
    expect(request.contacts[0]?.displayName).toBe('Quoted string ""');
    expect([...(request.contacts[0]?.parameters ?? [])]).toEqual([
      ['newparam', 'newvalue'],
      ['secondparam', undefined],
      ['q', '0.33'],
    ]);
    expect(request.header('NewFangledHeader')).toBe('newfangled value continued newfangled value');
    expect(request.header('Subject')).toBe('');
    expect(request.body).toHaveLength(150);
  });

  test('esc01: escapes are compared, never turned into structure', () => {
    const request = requestOf('esc01');
    const uri = request.requestUri;
    expect(uri).toMatchObject({ scheme: 'sip', user: 'sips%3Auser%40example.com', host: 'example.net' });
    expect(unescapeUser('sips%3Auser%40example.com')).toBe('sips:user@example.com');
    const contact = request.contacts[0]?.uri;
    expect(contact?.scheme === 'sip' && [...contact.parameters]).toEqual([
      ['lr', undefined],
      ['name', 'v%61lue%25%34%31'],
    ]);
  });

  test('semiuri: what is before the @ is all user', () => {
    expect(requestOf('semiuri').requestUri).toMatchObject({ user: 'user;par=u%40example.net' });
  });

  test('escnull: an escaped NUL ends nothing', () => {
    const request = requestOf('escnull');
    expect(request.to.uri).toMatchObject({ user: 'null-%00-null', host: 'example.com' });
    expect(request.contacts.map((contact) => contact.uri)).toMatchObject([
      { user: '%00' },
      { user: '%00%00' },
    ]);
  });

  test('intmeth: odd method, URI, quoted NUL and Call-ID come through unchanged', () => {
    const request = requestOf('intmeth');
    expect(request.method).toBe("!interesting-Method0123456789_*+`.%indeed'~");
    expect(request.cseq.method).toBe(request.method);
    expect(request.requestUri).toMatchObject({ host: 'example.com' });
    expect(request.to.displayName).toBe('BEL:\u0007 NUL:\u0000 DEL:\u007f');
    expect(request.fromTag).toBe("_token~1'+`*%!-.");
    expect(request.callId).toBe('intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{');
  });

  test('esc02: escapes in methods and header names mean nothing', () => {
    const request = requestOf('esc02');
    expect(request.method).toBe('RE%47IST%45R');
    expect(request.contacts.map((contact) => contact.uri)).toMatchObject([
      { user: 'alias1' },
      { user: 'alias3' },
    ]);
    expect(request.header('C%6Fntact')).toBe('<sip:alias2@host2.example.com>');
  });

  test('dblreq: what is behind the Content-Length is gone', () => {
    expect(requestOf('dblreq').body).toHaveLength(0);
  });

  test('mpart01: the body keeps its octets', () => {
    const bytes = bytesOf('mpart01');
    const request = requestOf('mpart01');
    expect(request.body).toHaveLength(553);
    expect(Buffer.from(request.body).equals(bytes.subarray(bytes.length - 553))).toBe(true);
    const again = parseMessage(serializeMessage(request));
    expect(again instanceof SipRequest && Buffer.from(again.body).equals(request.body)).toBe(true);
  });

  test('longreq: all Vias stay', () => {
    expect(requestOf('longreq').vias.length).toBe(34);
  });

  test('cparam01, cparam02: a parameter belongs to the header, or within <> to the URI', () => {
    const [header] = requestOf('cparam01').contacts;
    const [uri] = requestOf('cparam02').contacts;
    expect(header?.parameters.has('unknownparam')).toBe(true);
    expect(uri?.parameters.has('unknownparam')).toBe(false);
    expect(uri?.uri.scheme === 'sip' && uri.uri.parameters.has('unknownparam')).toBe(true);
  });

  test('regescrt: headers of a Contact URI stay in the URI', () => {
    expect(requestOf('regescrt').contacts[0]?.uri).toMatchObject({
      headers: 'Route=%3Csip:sip.example.com%3E',
    });
  });

  test('regbadct: the Contact without <> is left out by the getter and found by check()', () => {
    const request = requestOf('regbadct');
    expect(request.contacts).toEqual([]);
    expect(request.check()?.place).toBe('Contact[0]');
  });

  test('unreason: the reason phrase is UTF-8', () => {
    const parsed = parseMessage(bytesOf('unreason'));
    expect(parsed).toMatchObject({ status: 200 });
    expect((parsed as { reason: string }).reason).toContain('сто девяносто');
  });

  test('every message cut at every byte gives a value, never an exception', () => {
    for (const { file } of TORTURE_MESSAGES) {
      const bytes = bytesOf(file);
      for (let end = 0; end <= bytes.length; end += file === 'longreq' ? 7 : 1) {
        const parsed = parseMessage(bytes.subarray(0, end));
        if (parsed instanceof SipMessage) parsed.check();
      }
    }
  });
});
