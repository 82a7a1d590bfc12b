// The client's side of digest authentication (RFC 3261 §22, RFC 7616 §3.4, RFC 8760 §2.4).
import { DecodeError, type Random } from '../../core/index.ts';
import {
  type HeaderField,
  parseAuthParameters,
  type SipRequest,
  type SipResponse,
} from '../message/index.ts';
import {
  DIGEST_ALGORITHMS,
  type DigestAlgorithm,
  digestAlgorithm,
  digestResponse,
  ha1,
} from './algorithm.ts';
import { formatDigest } from './format.ts';

/** A challenge that can be answered, and how often it was. */
interface Challenge {
  readonly header: 'Authorization' | 'Proxy-Authorization';
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly algorithm: DigestAlgorithm;
  /** As on the wire: sent back only where it came. */
  readonly algorithmText: string | undefined;
  readonly hasQop: boolean;
  readonly isStale: boolean;
  readonly ha1: string;
  nonceCount: number;
}

/** Name and password of one user, for every realm that asks. */
export interface DigestClientOptions {
  readonly username: string;
  readonly password: string;
  /** Draws the cnonces. */
  readonly random: Random;
}

// A user agent speaks to its registrar and perhaps a proxy or two; a peer that names ever new realms gains nothing.
const MAX_REALMS = 8;

/** Answers challenges for one user, and keeps their nonces for the requests that follow. */
export class DigestClient {
  readonly #options: DigestClientOptions;
  readonly #challenges = new Map<string, Challenge>();

  constructor(options: DigestClientOptions) {
    this.#options = options;
  }

  /**
   * Answers a 401 or 407.
   *
   * @param request - as it was sent: its own credentials tell whether the password is wrong
   * @returns the credentials for the request's next try, which needs a new CSeq and branch; undefined where the
   *   challenge cannot be answered or the answer was already refused
   */
  answerChallenge(request: SipRequest, response: SipResponse): readonly HeaderField[] | undefined {
    const challenges = this.#strongestOfEachRealm(response);
    if (challenges.length === 0) return undefined;
    if (challenges.some((challenge) => !challenge.isStale && wasAnswered(request, challenge)))
      return undefined;
    for (const challenge of challenges) this.#remember(challenge);
    return this.authorize(request);
  }

  /** Credentials from earlier challenges; empty before the first one. Each call counts a use of the nonces. */
  authorize(request: SipRequest): readonly HeaderField[] {
    return [...this.#challenges.values()].map((challenge) => [
      challenge.header,
      credentialsFor(challenge, request, this.#options),
    ]);
  }

  #strongestOfEachRealm(response: SipResponse): readonly Challenge[] {
    const best = new Map<string, Challenge>();
    for (const challenge of this.#challengesIn(response)) {
      const other = best.get(challenge.realm);
      // RFC 8760 §2.4 leaves the choice to local policy: the strongest, whatever the order.
      if (!other || rank(challenge.algorithm) < rank(other.algorithm)) best.set(challenge.realm, challenge);
    }
    return [...best.values()];
  }

  #challengesIn(response: SipResponse): readonly Challenge[] {
    const [asking, header] =
      response.status === 407
        ? (['Proxy-Authenticate', 'Proxy-Authorization'] as const)
        : (['WWW-Authenticate', 'Authorization'] as const);
    return response.headerValues(asking).flatMap((text) => readChallenge(text, header, this.#options) ?? []);
  }

  #remember(challenge: Challenge): void {
    const key = `${challenge.header} ${challenge.realm}`;
    this.#challenges.delete(key);
    for (const oldest of this.#challenges.keys()) {
      if (this.#challenges.size < MAX_REALMS) break;
      this.#challenges.delete(oldest);
    }
    this.#challenges.set(key, challenge);
  }
}

function rank(algorithm: DigestAlgorithm): number {
  return DIGEST_ALGORITHMS.indexOf(algorithm);
}

function readChallenge(
  text: string,
  header: Challenge['header'],
  user: DigestClientOptions,
): Challenge | undefined {
  const value = parseAuthParameters(text);
  if (value instanceof DecodeError || value.scheme.toLowerCase() !== 'digest') return undefined;
  const { parameters } = value;
  const [realm, nonce] = [parameters.get('realm'), parameters.get('nonce')];
  const algorithm = digestAlgorithm(parameters.get('algorithm'));
  if (realm === undefined || nonce === undefined || !algorithm) return undefined;
  const qops = parameters
    .get('qop')
    ?.toLowerCase()
    .split(',')
    .map((qop) => qop.trim());
  // auth-int alone is asked for by nobody that we know of.
  if (qops && !qops.includes('auth')) return undefined;
  return {
    header,
    realm,
    nonce,
    opaque: parameters.get('opaque'),
    algorithm,
    algorithmText: parameters.get('algorithm'),
    hasQop: qops !== undefined,
    isStale: parameters.get('stale')?.toLowerCase() === 'true',
    ha1: ha1(algorithm, { username: user.username, realm, password: user.password }),
    nonceCount: 0,
  };
}

function credentialsFor(challenge: Challenge, request: SipRequest, user: DigestClientOptions): string {
  const { nonce, realm, algorithm } = challenge;
  const uri = request.requestUriText;
  challenge.nonceCount += 1;
  const protection = challenge.hasQop
    ? {
        qop: 'auth' as const,
        nonceCount: challenge.nonceCount.toString(16).padStart(8, '0'),
        cnonce: user.random.token(16),
      }
    : undefined;
  const input = { method: request.method, uri, nonce, protection, body: request.body };
  return formatDigest(
    {
      username: user.username,
      realm,
      nonce,
      uri,
      response: digestResponse(algorithm, challenge.ha1, input),
      cnonce: protection?.cnonce,
      opaque: challenge.opaque,
    },
    // RFC 7616 §3.4: qop has quotes in a challenge and none in credentials.
    { algorithm: challenge.algorithmText, qop: protection?.qop, nc: protection?.nonceCount },
  );
}

/**
 * Whether the request already was a direct answer for the realm. Credentials sent ahead (a nonce in its second use)
 * are no sign of a wrong password: the server may have forgotten the nonce without calling it stale.
 */
function wasAnswered(request: SipRequest, challenge: Challenge): boolean {
  return request.headerValues(challenge.header).some((text) => {
    const value = parseAuthParameters(text);
    if (value instanceof DecodeError || value.parameters.get('realm') !== challenge.realm) return false;
    const nonceCount = value.parameters.get('nc');
    return nonceCount === undefined || Number.parseInt(nonceCount, 16) === 1;
  });
}
