// Hashes, so that a sans-I/O core needs no `node:` import.
import { createHmac, hash as hashAtOnce, timingSafeEqual } from 'node:crypto';

export type HashAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha512-256';

/** Lower-case hexadecimal digest of text (as UTF-8) or bytes. */
export function hashHex(algorithm: HashAlgorithm, data: string | Uint8Array): string {
  // crypto.hash makes no object, which halves the cost of a short digest.
  return hashAtOnce(algorithm, data, 'hex');
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
