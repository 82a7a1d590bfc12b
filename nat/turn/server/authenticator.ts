// Long-term credentials as the server checks them (RFC 8489 §9.2.4): who asks, and whether it is he.
import { isEqualBytes } from '../../../core/index.ts';
import { ATTRIBUTE } from '../../stun/attribute.ts';
import { checkIntegrity, longTermKey, type PasswordAlgorithm, type StunKey } from '../../stun/integrity.ts';
import type { StunMessage } from '../../stun/message.ts';
import { encodePasswordAlgorithms, readPasswordAlgorithms } from '../../stun/password-algorithms.ts';
import type { CredentialBook, TurnUser } from './credentials.ts';
import type { Nonces } from './nonces.ts';

/** In the order of our preference; MD5 is for clients before RFC 8489. */
export const PASSWORD_ALGORITHMS: Uint8Array = encodePasswordAlgorithms(['sha256', 'md5']);

/** A request that was proven to be a user's. */
export interface Authenticated {
  readonly user: TurnUser;
  readonly key: StunKey;
  /** Of the integrity that the request has, and the answer is to have (§9.2.4). */
  readonly algorithm: 'sha1' | 'sha256';
}

/** Why a request is nobody's: 400 bad, 401 unauthorized, 438 stale nonce. */
export interface NotAuthenticated {
  readonly code: 400 | 401 | 438;
}

export interface AuthenticatorOptions {
  readonly realm: string;
  readonly book: CredentialBook;
  readonly nonces: Nonces;
  /** Milliseconds since 1970 at a moment of the monotonic clock. */
  readonly wallClockAt: (now: number) => number;
}

export class Authenticator {
  readonly #options: AuthenticatorOptions;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /**
   * @param address - where the request came from
   * @param known - whose allocation it is about: his time may be over by now, for he has proven himself before
   */
  authenticate(
    now: number,
    request: StunMessage,
    { address, known }: { readonly address: string; readonly known: TurnUser | undefined },
  ): Authenticated | NotAuthenticated {
    const { realm, book, nonces, wallClockAt } = this.#options;
    const hasSha256 = request.has(ATTRIBUTE.messageIntegritySha256);
    if (!hasSha256 && !request.has(ATTRIBUTE.messageIntegrity)) return { code: 401 };
    const [username, itsRealm, nonce] = [ATTRIBUTE.username, ATTRIBUTE.realm, ATTRIBUTE.nonce].map((type) =>
      request.text(type),
    );
    if (username === undefined || itsRealm === undefined || nonce === undefined) return { code: 400 };
    const passwordAlgorithm = passwordAlgorithmOf(request);
    if (!passwordAlgorithm) return { code: 400 };
    if (!nonces.isFresh(now, nonce, address)) return { code: 438 };
    const user = known?.username === username ? known : book.find(username, wallClockAt(now));
    if (!user || itsRealm !== realm) return { code: 401 };
    const key = longTermKey({ username, realm, password: user.password }, passwordAlgorithm);
    if (checkIntegrity(request, key) !== 'valid') return { code: 401 };
    return { user, key, algorithm: hasSha256 ? 'sha256' : 'sha1' };
  }
}

/** §9.2.4: neither attribute means MD5; else both must be there, and the list be ours, so that nobody cut it down. */
function passwordAlgorithmOf(request: StunMessage): PasswordAlgorithm | undefined {
  const offered = request.value(ATTRIBUTE.passwordAlgorithms);
  const chosen = request.value(ATTRIBUTE.passwordAlgorithm);
  if (!offered && !chosen) return 'md5';
  if (!offered || !chosen || !isEqualBytes(offered, PASSWORD_ALGORITHMS)) return undefined;
  return readPasswordAlgorithms(chosen)[0];
}
