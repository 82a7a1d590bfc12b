// PASSWORD-ALGORITHMS and PASSWORD-ALGORITHM: how a password becomes a key (RFC 8489 §14.11, §14.12, §18.5).
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |          Algorithm            |   Algorithm Parameters Length |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |           Algorithm Parameters (variable, padded to 4)        |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { setUint16, uint16At } from './header.ts';
import type { PasswordAlgorithm } from './integrity.ts';

export const PASSWORD_ALGORITHM_NUMBER: Readonly<Record<PasswordAlgorithm, number>> = { md5: 1, sha256: 2 };

/**
 * The algorithms of either attribute that we know, in its order; the two of RFC 8489 have no parameters.
 *
 * @returns none where the value is malformed
 */
export function readPasswordAlgorithms(value: Uint8Array): readonly PasswordAlgorithm[] {
  const algorithms: PasswordAlgorithm[] = [];
  for (let offset = 0; offset < value.length; ) {
    const parameterBytes = uint16At(value, offset + 2);
    if (offset + 4 + parameterBytes > value.length) return [];
    const number = uint16At(value, offset);
    if (number === PASSWORD_ALGORITHM_NUMBER.md5) algorithms.push('md5');
    if (number === PASSWORD_ALGORITHM_NUMBER.sha256) algorithms.push('sha256');
    offset += 4 + ((parameterBytes + 3) & ~3);
  }
  return algorithms;
}

/** The value of PASSWORD-ALGORITHMS, the preferred first. */
export function encodePasswordAlgorithms(algorithms: readonly PasswordAlgorithm[]): Uint8Array {
  const value = new Uint8Array(4 * algorithms.length);
  for (const [index, algorithm] of algorithms.entries()) {
    setUint16(value, 4 * index, PASSWORD_ALGORITHM_NUMBER[algorithm]);
  }
  return value;
}
