// The arithmetic of digest authentication: H(A1), H(A2) and the response (RFC 7616 §3.4).
import { type HashAlgorithm, hashHex } from '../../core/index.ts';

/** Algorithms of RFC 8760 §2.2 that we know, strongest first. The `-sess` variants are not among them. */
export const DIGEST_ALGORITHMS = ['SHA-512-256', 'SHA-256', 'MD5'] as const;

export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

const HASHES: Readonly<Record<DigestAlgorithm, HashAlgorithm>> = {
  'SHA-512-256': 'sha512-256',
  'SHA-256': 'sha256',
  MD5: 'md5',
};

/**
 * The algorithm of an `algorithm` parameter. Case does not matter: phones write `md5`.
 *
 * @param text - undefined where the parameter is absent, which means MD5 (RFC 7616 §3.3)
 */
export function digestAlgorithm(text: string | undefined): DigestAlgorithm | undefined {
  if (text === undefined) return 'MD5';
  const upper = text.toUpperCase();
  return DIGEST_ALGORITHMS.find((algorithm) => algorithm === upper);
}

/** What the server keeps instead of a password: H(A1) for each algorithm that it offers, lower-case hexadecimal. */
export interface Ha1s {
  readonly 'SHA-256': string;
  readonly MD5: string;
}

/** Whose password, and where it counts. */
export interface DigestIdentity {
  readonly username: string;
  readonly realm: string;
  readonly password: string;
}

/** H(A1) of RFC 7616 §3.4.2. */
export function ha1(algorithm: DigestAlgorithm, identity: DigestIdentity): string {
  const { username, realm, password } = identity;
  return hashHex(HASHES[algorithm], `${username}:${realm}:${password}`);
}

/** What a server stores for a user. */
export function ha1sOf(identity: DigestIdentity): Ha1s {
  return { 'SHA-256': ha1('SHA-256', identity), MD5: ha1('MD5', identity) };
}

/** What goes into a response besides H(A1). Text as on the wire, quotes taken off. */
export interface DigestInput {
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  /** Absent with peers that know no more than RFC 2069. */
  readonly protection?:
    | {
        readonly qop: 'auth' | 'auth-int';
        /** Eight hexadecimal digits. */
        readonly nonceCount: string;
        readonly cnonce: string;
      }
    | undefined;
  /** The message body: needed for `auth-int`. */
  readonly body: Uint8Array;
}

/** The `response` of RFC 7616 §3.4.1, or of RFC 2069 where there is no `qop`. */
export function digestResponse(algorithm: DigestAlgorithm, ha1Hex: string, input: DigestInput): string {
  const hash = HASHES[algorithm];
  const { method, uri, nonce, protection } = input;
  if (!protection) return hashHex(hash, `${ha1Hex}:${nonce}:${hashHex(hash, `${method}:${uri}`)}`);
  const { qop, nonceCount, cnonce } = protection;
  // RFC 7616 §3.4.3: with auth-int the body is protected as well.
  const a2 = qop === 'auth' ? `${method}:${uri}` : `${method}:${uri}:${hashHex(hash, input.body)}`;
  return hashHex(hash, `${ha1Hex}:${nonce}:${nonceCount}:${cnonce}:${qop}:${hashHex(hash, a2)}`);
}
