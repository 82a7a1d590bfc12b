// What a datagram is, by its first bytes (RFC 7983 §7, RFC 5626 §3.5).

export type DatagramKind = 'sip' | 'keep-alive' | 'other';

const CR = 0x0d;
const LF = 0x0a;

/** Longest datagram that is no message at all: phones hold NAT bindings open with CRLF, zeros, or nothing. */
const MAX_KEEP_ALIVE_BYTES = 4;

/** Tells SIP from keep-alives and from what shares the port: STUN has a first byte of 0 to 3. */
export function classifyDatagram(bytes: Uint8Array): DatagramKind {
  if (bytes.length <= MAX_KEEP_ALIVE_BYTES) return 'keep-alive';
  const first = bytes[0] ?? 0;
  if (first < 4) return 'other';
  if ((first === CR || first === LF) && bytes.every((byte) => byte === CR || byte === LF))
    return 'keep-alive';
  return 'sip';
}
