import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import type { TurnService } from '../../../../nat/index.ts';
import { createResponse, parseMessage, SipRequest } from '../../../../signaling/message/index.ts';
import {
  formatTurnServer,
  MAX_TURN_SERVERS,
  parseTurnServer,
  TURN_SERVER_HEADER,
  turnServersOf,
} from '../../../../signaling/turn-server/index.ts';

const credentials = { username: '1764230400:alice', password: 'c2VjcmV0IGtleQ==' };
const UDP: TurnService = { host: '203.0.113.7', port: 3478, transport: 'udp', credentials };
const PARAMETERS = ';username="1764230400:alice";password="c2VjcmV0IGtleQ=="';

describe('Turn-Server', () => {
  it('formatTurnServer() writes a TURN URI with its credentials', () => {
    expect(formatTurnServer(UDP)).toBe(`<turn:203.0.113.7:3478?transport=udp>${PARAMETERS}`);
  });

  it.each<TurnService>([
    UDP,
    { ...UDP, transport: 'tcp' },
    { ...UDP, transport: 'tls', port: 5349 },
    { ...UDP, host: 'turn.example.com', port: 80 },
    { ...UDP, host: '2001:db8::7' },
    { ...UDP, credentials: { username: 'a"b\\c;,<', password: '"' } },
  ])('parseTurnServer() reads what formatTurnServer() writes: $transport $host', (service) => {
    expect(parseTurnServer(formatTurnServer(service))).toEqual(service);
  });

  it.each([
    { name: 'the port of the scheme', uri: 'turn:a.example', expected: { port: 3478, transport: 'udp' } },
    { name: 'the secure port', uri: 'turns:a.example', expected: { port: 5349, transport: 'tls' } },
    { name: 'any case', uri: 'TURN:a.example:1?transport=TCP', expected: { port: 1, transport: 'tcp' } },
  ])('parseTurnServer() takes $name', ({ uri, expected }) => {
    expect(parseTurnServer(`<${uri}>${PARAMETERS};later="x"`)).toMatchObject(expected);
  });

  it.each([
    { name: 'no brackets', text: `turn:a.example${PARAMETERS}` },
    { name: 'another scheme', text: `<stun:a.example>${PARAMETERS}` },
    { name: 'TURN over DTLS', text: `<turns:a.example?transport=udp>${PARAMETERS}` },
    { name: 'an unknown transport', text: `<turn:a.example?transport=sctp>${PARAMETERS}` },
    { name: 'port 0', text: `<turn:a.example:0>${PARAMETERS}` },
    { name: 'a port past 65535', text: `<turn:a.example:65536>${PARAMETERS}` },
    { name: 'an open bracket', text: `<turn:[2001:db8::7>${PARAMETERS}` },
    { name: 'no user name', text: '<turn:a.example>;password="b"' },
    { name: 'no password', text: '<turn:a.example>;username="a"' },
    { name: 'an empty password', text: '<turn:a.example>;username="a";password=""' },
    { name: 'a password twice', text: `<turn:a.example>${PARAMETERS};password="b"` },
    { name: 'a line break in a value', text: '<turn:a.example>;username="a";password="b\nc"' },
    { name: 'a name without end', text: `<turn:a.example>;username="${'a'.repeat(300)}";password="b"` },
    { name: 'a row without end', text: `<turn:a.example>${PARAMETERS};x="${'a'.repeat(2000)}"` },
    { name: 'nothing', text: '' },
  ])('parseTurnServer() refuses $name, and does not tell the password', ({ text }) => {
    const error = parseTurnServer(text);
    expect(error).toBeInstanceOf(DecodeError);
    expect(String(error)).not.toContain('c2VjcmV0');
  });

  it('parseTurnServer() survives every cut of a row', () => {
    const row = formatTurnServer(UDP);
    for (let end = 0; end < row.length; end += 1) {
      expect(parseTurnServer(row.slice(0, end))).toBeInstanceOf(DecodeError);
    }
  });

  it('turnServersOf() reads rows and lists, leaves out what is wrong, and stops after a few', () => {
    const good = formatTurnServer(UDP);
    expect(turnServersOf(responseWith([`${good}, ${good}`, '<turn:>', good]))).toEqual([UDP, UDP, UDP]);
    expect(turnServersOf(responseWith([]))).toEqual([]);
    expect(turnServersOf(responseWith(Array<string>(30).fill(good)))).toHaveLength(MAX_TURN_SERVERS);
  });
});

function responseWith(rows: readonly string[]) {
  const lines = [
    'REGISTER sip:example.com SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1',
    'From: <sip:alice@example.com>;tag=1',
    'To: <sip:alice@example.com>',
    'Call-ID: 1',
    'CSeq: 1 REGISTER',
  ];
  const request = parseMessage(new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`));
  if (!(request instanceof SipRequest)) throw new Error('the request is in order');
  return createResponse(request, 200, { headers: rows.map((row) => [TURN_SERVER_HEADER, row] as const) });
}
