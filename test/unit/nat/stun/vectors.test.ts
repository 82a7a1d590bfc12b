// The vectors of RFC 5769 and of RFC 8489 B.1 (with erratum 6268).
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  ATTRIBUTE,
  checkFingerprint,
  checkIntegrity,
  decodeStun,
  longTermKey,
  METHOD,
  type StunMessage,
  shortTermKey,
  userhashOf,
} from '../../../../nat/index.ts';

const FOLDER = `${process.env.PATCHCORD_DATA ?? '../shared/data'}/stun-vectors`;
const SHORT_TERM = shortTermKey('VOkJxbRl1RmTxUk/WvJxBt');
const LONG_TERM = { username: 'マトリックス', realm: 'example.org', password: 'TheMatrIX' };

describe.skipIf(!existsSync(FOLDER))('vectors of RFC 5769 and RFC 8489', () => {
  test('sample request with short-term authentication (RFC 5769 §2.1)', () => {
    const message = read('2.1-request-short-term');
    expect(message.class).toBe('request');
    expect(message.method).toBe(METHOD.binding);
    expect(message.text(ATTRIBUTE.username)).toBe('evtj:h6vY');
    expect(message.text(ATTRIBUTE.software)).toBe('STUN test client');
    expect(message.uint32(ATTRIBUTE.priority)).toBe(1845494271);
    expect(message.uint64(ATTRIBUTE.iceControlled)).toBe(0x932ff9b151263b36n);
    expect(checkIntegrity(message, SHORT_TERM)).toBe('valid');
    expect(checkIntegrity(message, shortTermKey('wrong'))).toBe('wrong');
    expect(checkFingerprint(message)).toBe('valid');
  });

  test.each([
    ['2.2-response-ipv4', { address: '192.0.2.1', port: 32853 }],
    ['2.3-response-ipv6', { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853 }],
  ])('sample response %s (RFC 5769 §2.2, §2.3)', (name, mapped) => {
    const message = read(name);
    expect(message.class).toBe('success');
    expect(message.mappedAddress).toEqual(mapped);
    expect(message.text(ATTRIBUTE.software)).toBe('test vector');
    expect(checkIntegrity(message, SHORT_TERM)).toBe('valid');
    expect(checkFingerprint(message)).toBe('valid');
  });

  test('sample request with long-term authentication (RFC 5769 §2.4)', () => {
    const message = read('2.4-request-long-term');
    expect(message.text(ATTRIBUTE.username)).toBe(LONG_TERM.username);
    expect(message.text(ATTRIBUTE.realm)).toBe('example.org');
    expect(message.text(ATTRIBUTE.nonce)).toBe('f//499k954d6OL34oL9FSTvy64sA');
    expect(checkIntegrity(message, longTermKey(LONG_TERM))).toBe('valid');
    expect(checkFingerprint(message)).toBe('absent');
  });

  test('sample request with SHA-256 and USERHASH (RFC 8489 B.1, erratum 6268)', () => {
    const message = read('rfc8489-B.1-erratum6268-sha256-userhash');
    expect(message.value(ATTRIBUTE.userhash)).toEqual(userhashOf(LONG_TERM.username, LONG_TERM.realm));
    expect(message.text(ATTRIBUTE.nonce)).toBe('obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA');
    expect(checkIntegrity(message, longTermKey(LONG_TERM, 'sha256'))).toBe('valid');
    expect(checkIntegrity(message, longTermKey(LONG_TERM, 'md5'))).toBe('wrong');
  });
});

function read(name: string): StunMessage {
  const message = decodeStun(new Uint8Array(readFileSync(`${FOLDER}/${name}.bin`)));
  if (message instanceof DecodeError) throw new Error(message.toString());
  return message;
}
