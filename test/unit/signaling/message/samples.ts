// Messages that several tests of this folder take apart.

/** Lines joined as they are on the wire, with the empty line behind the headers. */
export function wire(lines: readonly string[], body = ''): Uint8Array {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'utf8');
}

/** Lines of a REGISTER in which nothing is wrong. */
export const REGISTER_LINES: readonly string[] = [
  'REGISTER sip:example.com SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.77:5060;branch=z9hG4bK-524287-1;rport',
  'Max-Forwards: 70',
  'Contact: <sip:alice@192.0.2.77:5060;ob>;expires=3600;+sip.instance="<urn:uuid:0c67446e>"',
  'To: "Alice" <sip:alice@example.com>',
  'From: "Alice" <sip:alice@example.com>;tag=7c3b2e1a',
  'Call-ID: 98231MTdkODgyYTcx',
  'CSeq: 2 REGISTER',
  'Expires: 3600',
  'Allow: INVITE, ACK, CANCEL',
  'Content-Length: 0',
];

/** Lines of an INVITE with everything that proxies leave in it. Content-Length is missing. */
export const INVITE_LINES: readonly string[] = [
  'INVITE sip:bob@example.com;transport=tcp SIP/2.0',
  'v: SIP/2.0/TCP p1.example.com;branch=z9hG4bKa, SIP/2.0/UDP [2001:db8::9]:5070;branch=z9hG4bKb;received=2001:db8::1',
  'Via: SIP/2.0/WSS phone.invalid;branch=z9hG4bKc',
  'Max-Forwards: 68',
  'f: Alice <sips:alice@example.com>;tag=1928301774',
  't: <sip:bob@example.com>',
  'i: a84b4c76e66710@pc33.example.com',
  'CSeq: 314159 INVITE',
  'm: <sip:alice@pc33.example.com>',
  'Record-Route: <sip:p2.example.com;lr>, <sip:p1.example.com;lr>',
  'Route: <sip:sbc.example.com;lr>',
  'Path: <sip:edge.example.com;lr;ob>',
  'k: 100rel, timer',
  'Supported: replaces',
  'Timestamp: 54',
  'c: application/sdp',
];

/** The lines with one replaced, or removed where `line` is undefined. */
export function changed(lines: readonly string[], name: string, line: string | undefined): readonly string[] {
  const index = lines.findIndex((entry) => entry.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  if (index < 0) throw new Error(`there is no ${name}`);
  return line === undefined ? lines.toSpliced(index, 1) : lines.toSpliced(index, 1, line);
}
