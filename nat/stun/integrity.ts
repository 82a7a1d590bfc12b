// Who wrote a message: MESSAGE-INTEGRITY, -SHA256 and FINGERPRINT over the bytes as received (RFC 8489 §14.5 to §14.7).
import { hash, hmac, isEqualBytes } from '../../core/index.ts';
import { ATTRIBUTE } from './attribute.ts';
import { crc32 } from './crc32.ts';
import { HEADER_BYTES, setUint16, uint32At } from './header.ts';
import type { StunAttribute, StunMessage } from './message.ts';

/** Key of the HMAC, as bytes: see {@link shortTermKey} and {@link longTermKey}. */
export type StunKey = Uint8Array;

/** RFC 8489 §18.5: how a long-term password becomes a key. */
export type PasswordAlgorithm = 'md5' | 'sha256';

export type IntegrityVerdict = 'valid' | 'absent' | 'wrong';

const FINGERPRINT_XOR = 0x5354554e;
// §14.6: it may be cut, to no fewer than 16 bytes, by multiples of four.
const LEAST_SHA256_BYTES = 16;
const SHA1_BYTES = 20;
const SHA256_BYTES = 32;

/** §9.1.1: the password itself, which is ASCII in ICE (RFC 8839 §5.4). */
export function shortTermKey(password: string): StunKey {
  return new TextEncoder().encode(password);
}

/** §9.2.2, §18.5.1. The texts are taken as prepared by OpaqueString (RFC 8265). */
export function longTermKey(
  credentials: { readonly username: string; readonly realm: string; readonly password: string },
  algorithm: PasswordAlgorithm = 'md5',
): StunKey {
  const { username, realm, password } = credentials;
  return hash(algorithm, `${username}:${realm}:${password}`);
}

/** USERHASH (§14.4): hides who asks. */
export function userhashOf(username: string, realm: string): Uint8Array {
  return hash('sha256', `${username}:${realm}`);
}

/**
 * Judges the stronger of the two that are present, as §9.1.3 wants it.
 *
 * @param algorithm - the only one that counts, where the transaction has settled on one
 */
export function checkIntegrity(
  message: StunMessage,
  key: StunKey,
  algorithm?: 'sha1' | 'sha256',
): IntegrityVerdict {
  const sha256 = algorithm === 'sha1' ? undefined : message.attribute(ATTRIBUTE.messageIntegritySha256);
  if (sha256) return verdict(sha256, integrityBefore(message, sha256, key, 'sha256'));
  const sha1 = algorithm === 'sha256' ? undefined : message.attribute(ATTRIBUTE.messageIntegrity);
  return sha1 ? verdict(sha1, integrityBefore(message, sha1, key, 'sha1')) : 'absent';
}

function verdict({ type, value }: StunAttribute, expected: Uint8Array): IntegrityVerdict {
  const isShort =
    type === ATTRIBUTE.messageIntegrity
      ? value.length !== SHA1_BYTES
      : value.length < LEAST_SHA256_BYTES || value.length > SHA256_BYTES || value.length % 4 !== 0;
  if (isShort) return 'wrong';
  return isEqualBytes(value, expected.subarray(0, value.length)) ? 'valid' : 'wrong';
}

function integrityBefore(
  message: StunMessage,
  { offset, value }: StunAttribute,
  key: StunKey,
  algorithm: 'sha1' | 'sha256',
): Uint8Array {
  return sealed(message.bytes.subarray(0, offset), value.length, key, algorithm);
}

/** The value of the attribute that is to follow `bytes`, a message without it. */
export function integrityOf(bytes: Uint8Array, key: StunKey, algorithm: 'sha1' | 'sha256'): Uint8Array {
  return sealed(bytes, algorithm === 'sha1' ? SHA1_BYTES : SHA256_BYTES, key, algorithm);
}

/** §14.5: the length field counts up to the end of the integrity, whatever follows it. */
function sealed(
  before: Uint8Array,
  valueBytes: number,
  key: StunKey,
  algorithm: 'sha1' | 'sha256',
): Uint8Array {
  const copy = before.slice();
  setUint16(copy, 2, before.length - HEADER_BYTES + 4 + valueBytes);
  return hmac(algorithm, key, copy);
}

/** Whether the message ends in a FINGERPRINT that fits. */
export function checkFingerprint(message: StunMessage): IntegrityVerdict {
  const last = message.attributes.at(-1);
  const found = message.attribute(ATTRIBUTE.fingerprint);
  if (!found) return 'absent';
  if (last !== found || found.value.length !== 4) return 'wrong';
  const expected = fingerprintMask(crc32(message.bytes, found.offset));
  return uint32At(found.value, 0) === expected ? 'valid' : 'wrong';
}

/** §14.7: told apart from the CRC of protocols that have one too. */
export function fingerprintMask(crc: number): number {
  return (crc ^ FINGERPRINT_XOR) >>> 0;
}
