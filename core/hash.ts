// Hashes, so that a sans-I/O core needs no `node:` import.
import { createHmac, hash as hashAtOnce, timingSafeEqual } from 'node:crypto';

export type HashAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha512-256';

/** Lower-case hexadecimal digest of text (as UTF-8) or bytes. */
export function hashHex(algorithm: HashAlgorithm, data: string | Uint8Array): string {
  // crypto.hash makes no object, which halves the cost of a short digest.
  return hashAtOnce(algorithm, data, 'hex');
}

/** Digest of text (as UTF-8) or bytes. */
export function hash(algorithm: HashAlgorithm, data: string | Uint8Array): Uint8Array {
  return Uint8Array.from(hashAtOnce(algorithm, data, 'buffer'));
}

/** HMAC of the data, as bytes. */
export function hmac(
  algorithm: 'sha1' | 'sha256',
  key: Uint8Array | string,
  data: Uint8Array | string,
): Uint8Array {
  return createHmac(algorithm, key).update(data).digest();
}

/** Whether both texts are equal, in a time that does not depend on where they differ. */
export function isEqualInConstantTime(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The same for bytes. */
export function isEqualBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

// RFC 2104 §2, for hashes whose block is 64 bytes.
const HMAC_BLOCK_BYTES = 64;

/** HMAC with SHA-256 of many short texts under one key, without an object for each: two thirds of the cost of {@link hmac}. */
export class HmacSha256 {
  readonly #inner = Buffer.alloc(HMAC_BLOCK_BYTES);
  readonly #outer = Buffer.alloc(HMAC_BLOCK_BYTES);

  /** @param key - at most 64 bytes */
  constructor(key: Uint8Array) {
    for (let i = 0; i < HMAC_BLOCK_BYTES; i += 1) {
      this.#inner[i] = 0x36 ^ (key[i] ?? 0);
      this.#outer[i] = 0x5c ^ (key[i] ?? 0);
    }
  }

  /** Lower-case hexadecimal HMAC of text as UTF-8. */
  hex(text: string): string {
    const inner = hashAtOnce('sha256', Buffer.concat([this.#inner, Buffer.from(text)]), 'buffer');
    return hashAtOnce('sha256', Buffer.concat([this.#outer, inner]), 'hex');
  }
}
