import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  ATTRIBUTE,
  checkFingerprint,
  checkIntegrity,
  decodeStun,
  METHOD,
  mustBeUnderstood,
  type StunClass,
  StunWriter,
  shortTermKey,
} from '../../../../nat/index.ts';
import { decoded, idOf, writer } from './samples.ts';

const KEY = shortTermKey('secret');
const CLASSES: readonly StunClass[] = ['request', 'indication', 'success', 'error'];
const IPV6 = { address: '2001:db8::1', port: 65_535 };
const IPV4 = { address: '192.0.2.1', port: 1 };

/** One of each kind of attribute. */
function rich() {
  return writer('request')
    .text(ATTRIBUTE.username, 'évtj:h6vY')
    .xorAddress(ATTRIBUTE.xorPeerAddress, IPV6)
    .address(ATTRIBUTE.otherAddress, IPV4)
    .uint32(ATTRIBUTE.priority, 0xffff_ffff)
    .uint64(ATTRIBUTE.iceControlling, 0xffff_ffff_ffff_fffen)
    .flag(ATTRIBUTE.useCandidate)
    .error(487, 'Role Conflict')
    .unknownAttributes([1, 0x7fff, 3])
    .integrity(KEY)
    .integrity(KEY, 'sha256')
    .fingerprint()
    .finish();
}

test('every method below 0x100 has every class, and both are read back (RFC 8489 §5, RFC 7983 §5)', () => {
  for (let method = 0; method < 0x100; method += 1) {
    for (const messageClass of CLASSES) {
      const message = decoded(writer(messageClass, 1, method).finish());
      expect([message.method, message.class]).toEqual([method, messageClass]);
    }
  }
});

test('what is written is read', () => {
  const message = decoded(rich());
  expect(message).toMatchObject({ class: 'request', method: METHOD.binding });
  expect([...message.transactionId]).toEqual([...idOf(1)]);
  expect(message.text(ATTRIBUTE.username)).toBe('évtj:h6vY');
  expect(message.xorAddress(ATTRIBUTE.xorPeerAddress)).toEqual(IPV6);
  expect(message.address(ATTRIBUTE.otherAddress)).toEqual(IPV4);
  expect(message.uint32(ATTRIBUTE.priority)).toBe(0xffff_ffff);
  expect(message.uint64(ATTRIBUTE.iceControlling)).toBe(0xffff_ffff_ffff_fffen);
  expect(message.has(ATTRIBUTE.useCandidate)).toBe(true);
  expect(message.error).toEqual({ code: 487, reason: 'Role Conflict' });
  expect([...(message.value(ATTRIBUTE.unknownAttributes) ?? [])]).toEqual([0, 1, 0x7f, 0xff, 0, 3]);
  expect(checkIntegrity(message, KEY, 'sha1')).toBe('valid');
  expect(checkIntegrity(message, KEY, 'sha256')).toBe('valid');
  expect(checkFingerprint(message)).toBe('valid');
});

test('decode, encode, decode again is the identity', () => {
  const attributes = fc.array(
    fc.record({ type: fc.integer({ min: 0x0030, max: 0xffff }), value: fc.uint8Array({ maxLength: 300 }) }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(attributes, fc.uint8Array({ minLength: 12, maxLength: 12 }), (list, transactionId) => {
      const first = new StunWriter({ method: 1, class: 'success', transactionId });
      for (const { type, value } of list) first.add(type, value);
      const message = decoded(first.finish());
      const second = new StunWriter({ method: 1, class: 'success', transactionId: message.transactionId });
      for (const { type, value } of message.attributes) second.add(type, value);
      expect(Buffer.from(second.finish()).equals(Buffer.from(first.finish()))).toBe(true);
      expect(message.attributes).toHaveLength(list.length);
    }),
  );
});

describe('decodeStun() refuses', () => {
  test('a message that is cut anywhere, or followed by anything', () => {
    const whole = rich();
    for (let length = 0; length < whole.length; length += 1) {
      expect(decodeStun(whole.subarray(0, length))).toBeInstanceOf(DecodeError);
    }
    expect(decodeStun(Buffer.concat([whole, new Uint8Array(4)]))).toBeInstanceOf(DecodeError);
  });

  test.each([
    { name: 'fewer bytes than a header', bytes: [0, 1, 0, 0], place: 'STUN header' },
    { name: 'two first bits that are not 0', bytes: [0x80, 1, 0, 0], place: 'STUN type' },
    { name: 'a method from 0x100 on', bytes: [4, 1, 0, 0], place: 'STUN type' },
    { name: 'another cookie', bytes: [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x43], place: 'STUN magic cookie' },
    { name: 'a length not by four', bytes: [0, 1, 0, 2], place: 'STUN length', extraBytes: 2 },
    { name: 'a length that is not its own', bytes: [0, 1, 0, 8], place: 'STUN length', extraBytes: 4 },
  ])('$name', ({ name, bytes, place, extraBytes = 0 }) => {
    const message = new Uint8Array(20 + extraBytes);
    message.set([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]);
    message.set(bytes);
    const error = decodeStun(name.startsWith('fewer') ? Uint8Array.from(bytes) : message);
    expect(error).toMatchObject({ code: 'STUN_MALFORMED', place });
  });

  test('an attribute that passes the end', () => {
    const message = Uint8Array.from(writer('request').add(0x8001, new Uint8Array(4)).finish());
    message[23] = 5;
    expect(decodeStun(message)).toMatchObject({ place: 'STUN attribute 0x8001', offset: 20 });
  });
});

test('any flipped bit is refused, or found out by the integrity or the fingerprint', () => {
  const whole = writer('request').text(ATTRIBUTE.username, 'alice').integrity(KEY).fingerprint().finish();
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const bytes = Uint8Array.from(whole);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const message = decodeStun(bytes);
    if (message instanceof DecodeError) continue;
    const isSound = checkIntegrity(message, KEY) === 'valid' && checkFingerprint(message) === 'valid';
    expect(isSound, `bit ${bit}`).toBe(false);
  }
});

describe('what is not there, or makes no sense, is undefined', () => {
  const empty = decoded(writer('request').finish());
  const short = decoded(
    writer('error')
      .add(ATTRIBUTE.priority, new Uint8Array(3))
      .add(ATTRIBUTE.iceControlled, new Uint8Array(7))
      .add(ATTRIBUTE.xorMappedAddress, Uint8Array.of(0, 1, 0, 0, 1, 2, 3))
      .add(ATTRIBUTE.mappedAddress, Uint8Array.of(0, 3, 0, 0, 1, 2, 3, 4))
      .add(ATTRIBUTE.otherAddress, Uint8Array.of(0, 2, 0, 0, 1, 2, 3, 4))
      .add(ATTRIBUTE.errorCode, Uint8Array.of(0, 0, 4))
      .finish(),
  );
  test.each([
    ['absent', empty],
    ['of a wrong length or family', short],
  ])('%s', (_, message) => {
    expect(message.uint32(ATTRIBUTE.priority)).toBeUndefined();
    expect(message.uint64(ATTRIBUTE.iceControlled)).toBeUndefined();
    expect(message.mappedAddress).toBeUndefined();
    expect(message.address(ATTRIBUTE.otherAddress)).toBeUndefined();
    expect(message.error).toBeUndefined();
  });

  test.each([
    [2, 99],
    [7, 0],
    [4, 100],
  ])('an error of class %i and number %i (RFC 8489 §14.8)', (hundreds, rest) => {
    const value = Uint8Array.of(0, 0, hundreds, rest);
    expect(decoded(writer('error').add(ATTRIBUTE.errorCode, value).finish()).error).toBeUndefined();
  });
});

test('of several attributes of one type the first counts (RFC 8489 §14)', () => {
  const message = decoded(
    writer('request').uint32(ATTRIBUTE.priority, 1).uint32(ATTRIBUTE.priority, 2).finish(),
  );
  expect(message.uint32(ATTRIBUTE.priority)).toBe(1);
});

test('what stands behind the integrity is ignored, but for its sister and the fingerprint (RFC 8489 §14.5, §14.6)', () => {
  const bytes = writer('request')
    .flag(0x8f01)
    .integrity(KEY)
    .flag(0x8f02)
    .integrity(KEY, 'sha256')
    .flag(0x8f03)
    .fingerprint()
    .finish();
  expect(decoded(bytes).attributes.map(({ type }) => type)).toEqual([
    0x8f01,
    ATTRIBUTE.messageIntegrity,
    ATTRIBUTE.messageIntegritySha256,
    ATTRIBUTE.fingerprint,
  ]);
});

test('a fingerprint that is not the last is wrong (RFC 8489 §14.7)', () => {
  expect(checkFingerprint(decoded(writer('request').fingerprint().flag(0x8f01).finish()))).toBe('wrong');
});

describe('MESSAGE-INTEGRITY-SHA256 may be cut (RFC 8489 §14.6)', () => {
  const whole = decoded(writer('request').integrity(KEY, 'sha256').finish());
  test.each([
    [32, 'valid'],
    [12, 'wrong'],
    [0, 'wrong'],
    [30, 'wrong'],
  ])('to %i bytes: %s', (length, verdict) => {
    const value = whole.value(ATTRIBUTE.messageIntegritySha256)?.subarray(0, length) ?? new Uint8Array(0);
    const cut = decoded(writer('request').add(ATTRIBUTE.messageIntegritySha256, value).finish());
    expect(checkIntegrity(cut, KEY)).toBe(verdict);
  });
});

test('mustBeUnderstood() halves the numbers (RFC 8489 §14)', () => {
  expect([0, 0x7fff, 0x8000, 0xffff].map(mustBeUnderstood)).toEqual([true, true, false, false]);
});

test('unknownAttributes() names each once, the optional never', () => {
  const message = decoded(
    writer('request').flag(0x7001).flag(0x8001).flag(0x7001).flag(0x0006).flag(0x0005).finish(),
  );
  expect(message.unknownAttributes(new Set([0x0006]))).toEqual([0x7001, 0x0005]);
});
