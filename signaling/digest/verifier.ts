// The server's side of digest authentication (RFC 3261 §22, RFC 7616, RFC 8760).
import { DecodeError, isEqualInConstantTime, type Random } from '../../core/index.ts';
import {
  type HeaderField,
  isSameUri,
  parseAuthParameters,
  parseUri,
  type SipRequest,
  type Uri,
} from '../message/index.ts';
import { type DigestInput, digestAlgorithm, digestResponse, type Ha1s } from './algorithm.ts';
import { formatDigest } from './format.ts';
import { NonceMint } from './nonce.ts';
import { NonceCounts } from './nonce-counts.ts';

export interface DigestVerifierOptions {
  readonly realm: string;
  /** Draws the secret of the nonces. */
  readonly random: Random;
  /** From memory: a look-up that waits tells by its time who exists. */
  lookup(username: string): Ha1s | undefined;
  /**
   * What is offered, the preferred one first; {@link DEFAULT_DIGEST_ALGORITHMS} where not given. Some phones know MD5
   * alone, and give up where another one stands beside it.
   */
  readonly algorithms?: readonly OfferedAlgorithm[];
  /** Whether the sender of the request is one of those phones: it is offered MD5 alone, if that is offered at all. */
  knowsOnlyMd5?(request: SipRequest): boolean;
  /** How long a nonce may be used again; {@link DEFAULT_NONCE_LIFETIME_MS} where not given. */
  readonly nonceLifetimeMs?: number;
  /** Nonces whose counts are remembered at once; {@link DEFAULT_MAX_NONCES} where not given. */
  readonly maxNonces?: number;
}

/** An algorithm for which a user's proof is stored. */
export type OfferedAlgorithm = 'SHA-256' | 'MD5';

export const DEFAULT_DIGEST_ALGORITHMS: readonly OfferedAlgorithm[] = ['SHA-256', 'MD5'];

/** Five minutes: a phone that refreshes often is challenged once in that time, and a stolen answer dies soon. */
export const DEFAULT_NONCE_LIFETIME_MS = 300_000;
export const DEFAULT_MAX_NONCES = 65_536;

/** What the credentials of a request came to. */
export type DigestVerdict =
  | { readonly kind: 'accepted'; readonly username: string }
  | {
      readonly kind: 'challenge';
      /** A right answer to a nonce that is no longer good: the phone need not ask its user. */
      readonly stale: boolean;
      /** For the log. Never shown to the peer, whom it would tell which names exist. */
      readonly reason: string;
      /** WWW-Authenticate, to be sent with 401. */
      readonly headers: readonly HeaderField[];
    };

/** Challenges and checks requests of one realm. */
export class DigestVerifier {
  readonly #realm: string;
  readonly #algorithms: readonly OfferedAlgorithm[];
  readonly #knowsOnlyMd5: (request: SipRequest) => boolean;
  readonly #lookup: (username: string) => Ha1s | undefined;
  readonly #texts: Readonly<Record<OfferedAlgorithm, ChallengeText>>;
  readonly #mint: NonceMint;
  readonly #counts: NonceCounts;
  readonly #nobody: Ha1s;

  constructor(options: DigestVerifierOptions) {
    this.#realm = options.realm;
    this.#algorithms = options.algorithms ?? DEFAULT_DIGEST_ALGORITHMS;
    this.#knowsOnlyMd5 = (request) => options.knowsOnlyMd5?.(request) ?? false;
    this.#lookup = (username) => options.lookup(username);
    this.#texts = {
      'SHA-256': challengeText(options.realm, 'SHA-256'),
      MD5: challengeText(options.realm, 'MD5'),
    };
    this.#mint = new NonceMint(options.random);
    this.#counts = new NonceCounts({
      lifetimeMs: options.nonceLifetimeMs ?? DEFAULT_NONCE_LIFETIME_MS,
      maxNonces: options.maxNonces ?? DEFAULT_MAX_NONCES,
    });
    // Nobody's password: an unknown user costs the same hashes as a known one.
    this.#nobody = { 'SHA-256': hexOf(options.random, 32), MD5: hexOf(options.random, 16) };
  }

  /** Nonces whose counts are remembered. */
  get nonceCount(): number {
    return this.#counts.size;
  }

  /** Judges the Authorization of a request. */
  verify(now: number, request: SipRequest): DigestVerdict {
    const credentials = this.#credentialsIn(request);
    if (typeof credentials === 'string') return this.#challenge(now, request, credentials);
    const known = this.#lookup(credentials.username);
    const expected = digestResponse(
      credentials.algorithm,
      (known ?? this.#nobody)[credentials.algorithm],
      credentials.input,
    );
    const isEqual = isEqualInConstantTime(expected, credentials.response);
    const nonce = this.#mint.open(credentials.input.nonce);
    if (!isEqual || !known) return this.#challenge(now, request, known ? 'wrong password' : 'unknown user');
    // RFC 7616 §3.3: stale only where the answer is right but for the age of the nonce.
    if (!nonce) return this.#challenge(now, request, 'nonce of another life', true);
    const use = this.#counts.use(now, nonce, credentials.nonceCount);
    return use === 'fresh'
      ? { kind: 'accepted', username: credentials.username }
      : this.#challenge(now, request, `nonce is ${use}`, true);
  }

  /** When {@link DigestVerifier.handleTimeout} has something to forget. */
  nextTimeoutAt(): number | undefined {
    return this.#counts.nextTimeoutAt();
  }

  handleTimeout(now: number): void {
    this.#counts.handleTimeout(now);
  }

  /** The first credentials for our realm in readable form, or why there are none. */
  #credentialsIn(request: SipRequest): ReceivedCredentials | string {
    let reason = 'no credentials';
    for (const text of request.headerValues('Authorization')) {
      const found = readCredentials(text, this.#realm, request);
      if (typeof found === 'string') reason = found;
      else if (this.#algorithms.includes(found.algorithm)) return found;
      else reason = 'an algorithm that was not offered';
    }
    return reason;
  }

  #challenge(now: number, request: SipRequest, reason: string, stale = false): DigestVerdict {
    // RFC 8760 §2.3: one header field an algorithm, the preferred one first. They share a nonce: one is used.
    const nonce = this.#mint.issue(now);
    const isNarrow = this.#algorithms.includes('MD5') && this.#knowsOnlyMd5(request);
    const offered = isNarrow ? (['MD5'] as const) : this.#algorithms;
    const headers = offered.map((algorithm): HeaderField => {
      const { before, after } = this.#texts[algorithm];
      return ['WWW-Authenticate', `${before}${nonce}${after}${stale ? ', stale=true' : ''}`];
    });
    return { kind: 'challenge', stale, reason, headers };
  }
}

/** All of a challenge but its nonce: it never changes, so it is written once. */
interface ChallengeText {
  readonly before: string;
  readonly after: string;
}

function challengeText(realm: string, algorithm: OfferedAlgorithm): ChallengeText {
  const place = 'nonce=""';
  const text = formatDigest({ realm, nonce: '', qop: 'auth' }, { algorithm });
  // The last one: a realm may say anything, and stands before it.
  const at = text.lastIndexOf(place) + place.length - 1;
  return { before: text.slice(0, at), after: text.slice(at) };
}

interface ReceivedCredentials {
  readonly username: string;
  readonly algorithm: OfferedAlgorithm;
  readonly input: DigestInput;
  /** 0 where the peer knows no `qop`. */
  readonly nonceCount: number;
  /** Lower case. */
  readonly response: string;
}

/** @returns a string that says why these credentials cannot be used */
function readCredentials(text: string, realm: string, request: SipRequest): ReceivedCredentials | string {
  const value = parseAuthParameters(text);
  if (value instanceof DecodeError) return `${value}`;
  // RFC 4475 §3.3.7: a scheme that nobody knows is answered by a challenge in one that we know.
  if (value.scheme.toLowerCase() !== 'digest') return 'unknown scheme';
  const { parameters } = value;
  if (parameters.get('realm') !== realm) return 'credentials of another realm';
  const [username, nonce, uri] = [parameters.get('username'), parameters.get('nonce'), parameters.get('uri')];
  const response = parameters.get('response')?.toLowerCase();
  if (username === undefined || nonce === undefined || uri === undefined || response === undefined) {
    return 'username, nonce, uri or response is missing';
  }
  const algorithm = digestAlgorithm(parameters.get('algorithm'));
  if (algorithm !== 'SHA-256' && algorithm !== 'MD5') return 'an algorithm that was not offered';
  if (uri !== request.requestUriText && !isForRequest(uri, request.requestUri))
    return 'credentials for another Request-URI';
  const protection = readProtection(parameters);
  if (protection === 'bad') return 'qop, nc or cnonce is missing or bad';
  return {
    username,
    algorithm,
    input: { method: request.method, uri, nonce, protection, body: request.body },
    nonceCount: protection ? Number.parseInt(protection.nonceCount, 16) : 0,
    response,
  };
}

/** RFC 7616 §3.4: with `qop`, `nc` and `cnonce` are a must. */
function readProtection(parameters: ReadonlyMap<string, string>): DigestInput['protection'] | 'bad' {
  const qop = parameters.get('qop')?.toLowerCase();
  // Departs from RFC 7616 §3.4: phones that know RFC 2069 alone leave out qop. Their nonce is good for one request.
  if (qop === undefined) return undefined;
  const [nonceCount, cnonce] = [parameters.get('nc'), parameters.get('cnonce')];
  if ((qop !== 'auth' && qop !== 'auth-int') || cnonce === undefined) return 'bad';
  if (nonceCount === undefined || !/^[0-9a-f]{8}$/i.test(nonceCount) || /^0+$/.test(nonceCount)) return 'bad';
  return { qop, nonceCount, cnonce };
}

/**
 * RFC 3261 §22.4 and RFC 7616 §3.4.6: `uri` names what the request asks for.
 *
 * Departs from RFC 7616 §3.4.6: port and parameters may differ, since phones drop `:5060` and `;transport=` from
 * one of the two. User and host may not.
 */
function isForRequest(text: string, requestUri: Uri): boolean {
  const uri = parseUri(text);
  if (uri instanceof DecodeError) return false;
  if (isSameUri(uri, requestUri)) return true;
  const [named, asked] = [uri, requestUri];
  if (named.scheme === 'other' || named.scheme === 'tel') return false;
  if (asked.scheme === 'other' || asked.scheme === 'tel') return false;
  return named.host === asked.host && named.user === asked.user;
}

function hexOf(random: Random, byteCount: number): string {
  return Buffer.from(random.bytes(byteCount)).toString('hex');
}
