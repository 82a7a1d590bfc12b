// The client's side of long-term credentials: challenged once, signed ever after (RFC 8489 §9.2.3, §9.2.5).
import { ATTRIBUTE } from './attribute.ts';
import {
  checkIntegrity,
  longTermKey,
  type PasswordAlgorithm,
  type StunKey,
  userhashOf,
} from './integrity.ts';
import type { StunMessage } from './message.ts';
import { hasFeature } from './nonce-cookie.ts';
import { PASSWORD_ALGORITHM_NUMBER, readPasswordAlgorithms } from './password-algorithms.ts';
import type { StunWriter } from './writer.ts';

/** How one request was signed: its response is judged by it. */
export interface StunSignature {
  readonly realm: string;
  readonly nonce: string;
  readonly key: StunKey;
  readonly integrity: 'sha1' | 'sha256';
}

/** What to do after an error response: ask again in a new transaction, or leave it. */
export type ChallengeVerdict = 'retry' | 'refused';

interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: PasswordAlgorithm;
  /** As received, to be given back so (§9.2.1: protects from bidding down). */
  readonly passwordAlgorithms: Uint8Array | undefined;
  readonly key: StunKey;
}

/** A server that calls every nonce stale is not asked for ever. */
const MAX_TRIES = 4;

/**
 * Credentials for one server, with what it last challenged us with.
 *
 * ```ts
 * const signature = credentials.sign(writer);       // before FINGERPRINT
 * transactions.start(now, { …, accepts: (response) => credentials.accepts(response, signature) });
 * // on an error: credentials.handleError(response, { signature, tries }) === 'retry' → write it anew, sign, start
 * ```
 */
export class LongTermCredentials {
  readonly #username: string;
  readonly #password: string;
  #challenge: Challenge | undefined;

  constructor({ username, password }: { readonly username: string; readonly password: string }) {
    this.#username = prepared(username);
    this.#password = prepared(password);
  }

  /** Of the server; undefined before its first challenge. */
  get realm(): string | undefined {
    return this.#challenge?.realm;
  }

  /**
   * Adds who we are, and the integrity over all so far; only FINGERPRINT may follow.
   *
   * @returns undefined, and nothing was added, where no challenge came yet (§9.2.3.1: the first request goes without)
   */
  sign(writer: StunWriter): StunSignature | undefined {
    if (!this.#challenge) return undefined;
    const { realm, nonce, passwordAlgorithms, algorithm, key } = this.#challenge;
    // §9.2.5: the user stays hidden where the server can find him by his hash.
    if (hasFeature(nonce, 'usernameAnonymity')) {
      writer.add(ATTRIBUTE.userhash, userhashOf(this.#username, prepared(realm)));
    } else writer.text(ATTRIBUTE.username, this.#username);
    writer.text(ATTRIBUTE.realm, realm).text(ATTRIBUTE.nonce, nonce);
    if (passwordAlgorithms) {
      writer.add(ATTRIBUTE.passwordAlgorithms, passwordAlgorithms);
      writer.uint32(ATTRIBUTE.passwordAlgorithm, PASSWORD_ALGORITHM_NUMBER[algorithm] * 0x1_0000);
    }
    const integrity = passwordAlgorithms ? 'sha256' : 'sha1';
    writer.integrity(key, integrity);
    return { realm, nonce, key, integrity };
  }

  /** Whether a response may be believed; one to a request without signature may, since nothing can prove it. */
  accepts(response: StunMessage, signature: StunSignature | undefined): boolean {
    const code = response.class === 'error' ? response.error?.code : undefined;
    if (code === 401 || code === 438) return true;
    if (isBidDown(response)) return false;
    return !signature || checkIntegrity(response, signature.key, signature.integrity) === 'valid';
  }

  /**
   * Learns from an error response.
   *
   * @param tries - how often the same was asked so far, in transactions
   */
  handleError(
    response: StunMessage,
    { signature, tries }: { readonly signature: StunSignature | undefined; readonly tries: number },
  ): ChallengeVerdict {
    const code = response.error?.code;
    if ((code !== 401 && code !== 438) || tries >= MAX_TRIES) return 'refused';
    const challenge = this.#read(response);
    if (!challenge) return 'refused';
    // §9.2.5: who was refused under the same name and key would be so again.
    const isUnchanged = signature?.realm === challenge.realm && isSameKey(signature.key, challenge.key);
    if (code === 401 && isUnchanged) return 'refused';
    if (code === 438 && signature?.nonce === challenge.nonce) return 'refused';
    this.#challenge = challenge;
    return 'retry';
  }

  #read(response: StunMessage): Challenge | undefined {
    const [realm, nonce] = [response.text(ATTRIBUTE.realm), response.text(ATTRIBUTE.nonce)];
    if (realm === undefined || nonce === undefined || isBidDown(response)) return undefined;
    const passwordAlgorithms = response.value(ATTRIBUTE.passwordAlgorithms)?.slice();
    const algorithm = passwordAlgorithms ? readPasswordAlgorithms(passwordAlgorithms)[0] : 'md5';
    if (!algorithm) return undefined;
    const who = { username: this.#username, realm: prepared(realm), password: this.#password };
    return { realm, nonce, algorithm, passwordAlgorithms, key: longTermKey(who, algorithm) };
  }
}

/** §9.2.1, §9.2.5: the nonce says that algorithms were offered, and somebody took them out. */
function isBidDown(response: StunMessage): boolean {
  const nonce = response.text(ATTRIBUTE.nonce);
  return (
    nonce !== undefined &&
    hasFeature(nonce, 'passwordAlgorithms') &&
    !response.has(ATTRIBUTE.passwordAlgorithms)
  );
}

function isSameKey(a: StunKey, b: StunKey): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** OpaqueString (RFC 8265 §4.2.2): spaces of all scripts are one, and each character has one form. */
function prepared(text: string): string {
  return text.replace(/\p{Zs}/gu, ' ').normalize('NFC');
}
