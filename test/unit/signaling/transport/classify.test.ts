import { describe, expect, it } from 'vitest';
import { classifyDatagram } from '../../../../signaling/transport/classify.ts';

describe('classifyDatagram()', () => {
  it.each([
    { name: 'nothing at all', bytes: [], expected: 'keep-alive' },
    { name: 'one zero', bytes: [0], expected: 'keep-alive' },
    { name: 'four zeros', bytes: [0, 0, 0, 0], expected: 'keep-alive' },
    { name: 'CRLFCRLF (RFC 5626 §3.5.1)', bytes: [13, 10, 13, 10], expected: 'keep-alive' },
    { name: 'many CRLF', bytes: [13, 10, 13, 10, 13, 10], expected: 'keep-alive' },
    { name: 'CRLF before a message (RFC 3261 §7.5)', bytes: [13, 10, 13, 10, 73, 78], expected: 'sip' },
    { name: 'a STUN binding request (RFC 7983 §7)', bytes: [0, 1, 0, 0, 33, 18], expected: 'other' },
    { name: 'a STUN response (RFC 7983 §7)', bytes: [1, 1, 0, 0, 33, 18], expected: 'other' },
    { name: 'the highest first byte of STUN', bytes: [3, 0, 0, 0, 0], expected: 'other' },
    { name: 'the first byte beyond STUN', bytes: [4, 0, 0, 0, 0], expected: 'sip' },
    { name: 'a letter', bytes: [73, 78, 86, 73, 84], expected: 'sip' },
  ])('$name is $expected', ({ bytes, expected }) => {
    expect(classifyDatagram(Uint8Array.from(bytes))).toBe(expected);
  });
});
