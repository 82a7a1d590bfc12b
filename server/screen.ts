// Who may pass: every request from outside is challenged, and who answers well is remembered with the request.
import { Driver, type Runtime } from '../core/index.ts';
import {
  DigestVerifier,
  type Flow,
  type OfferedAlgorithm,
  type ResponseOptions,
  type SipRequest,
} from '../signaling/index.ts';
import type { Accounts } from './accounts/index.ts';
import type { Account } from './call/index.ts';

export interface ScreenOptions {
  readonly runtime: Runtime;
  readonly accounts: Accounts;
  readonly realm: string;
  readonly algorithms: readonly OfferedAlgorithm[];
  isLocalHost(host: string): boolean;
}

/** A refusal, as `UserAgentOptions.screen` gives it. */
export interface Refusal {
  status: number;
  options?: ResponseOptions;
}

/** What callers are told while the server drains: by then another one may have taken over. */
const RETRY_AFTER_SECONDS = 30;

/**
 * Looks at every request outside our dialogs that the user agent could take.
 *
 * Always 401, never 407: towards its phones this server is a user agent, not a proxy (RFC 3261 §22.2).
 */
export class Screen {
  readonly #options: ScreenOptions;
  readonly #verifier: DigestVerifier;
  readonly #driver: Driver;
  readonly #users = new WeakMap<SipRequest, Account>();
  #isDraining = false;
  #refused = 0;

  constructor(options: ScreenOptions) {
    const { runtime, accounts, realm, algorithms } = options;
    this.#options = options;
    this.#verifier = new DigestVerifier({
      realm,
      random: runtime.random.fork('digest'),
      lookup: (username) => accounts.ha1s(username),
      algorithms,
      knowsOnlyMd5,
    });
    this.#driver = new Driver(runtime, this.#verifier, () => {});
  }

  /** Requests with credentials that were no good. */
  get refusedCount(): number {
    return this.#refused;
  }

  /** Nonces whose use is remembered. */
  get nonceCount(): number {
    return this.#verifier.nonceCount;
  }

  /** From now on new calls are refused with 503. */
  drain(): void {
    this.#isDraining = true;
  }

  close(): void {
    this.#driver.close();
  }

  /** The user who sent a request that passed. */
  userOf(request: SipRequest): Account | undefined {
    return this.#users.get(request);
  }

  screen(request: SipRequest, flow: Flow): Refusal | undefined {
    if (this.#isDraining && request.method === 'INVITE') {
      return { status: 503, options: { headers: [['Retry-After', `${RETRY_AFTER_SECONDS}`]] } };
    }
    return (
      this.#unanswerable(request) ?? (this.#isPing(request) ? undefined : this.#authenticate(request, flow))
    );
  }

  /** REGISTER for what nobody here can be: said before the challenge, since it tells nothing of who exists. */
  #unanswerable(request: SipRequest): Refusal | undefined {
    if (request.method !== 'REGISTER') return undefined;
    const { scheme } = request.to.uri;
    // RFC 4475 §3.3.4.
    return scheme === 'sip' || scheme === 'sips' ? undefined : { status: 404 };
  }

  /**
   * OPTIONS to the server itself is answered to everybody: phones and load balancers keep their paths open with it,
   * and it says no more than that a SIP server is here. OPTIONS to a user is challenged.
   */
  #isPing({ method, requestUri }: SipRequest): boolean {
    if (method !== 'OPTIONS' || requestUri.scheme === 'tel' || requestUri.scheme === 'other') return false;
    return requestUri.user === undefined && this.#options.isLocalHost(requestUri.host);
  }

  #authenticate(request: SipRequest, flow: Flow): Refusal | undefined {
    const verdict = this.#driver.run((now) => this.#verifier.verify(now, request));
    if (verdict.kind === 'challenge') {
      if (request.header('Authorization') !== undefined && !verdict.stale)
        this.#note(request, flow, verdict.reason);
      return { status: 401, options: { headers: verdict.headers } };
    }
    const user = this.#options.accounts.account(verdict.username);
    if (!user) return { status: 403 };
    this.#users.set(request, user);
    return undefined;
  }

  #note(request: SipRequest, flow: Flow, reason: string): void {
    this.#refused += 1;
    const { method, callId } = request;
    this.#options.runtime.log.debug({ method, callId, remote: flow.remote, reason }, 'credentials refused');
  }
}

/** libre before 2.0 gives up on a 401 in which any challenge is not MD5. */
function knowsOnlyMd5(request: SipRequest): boolean {
  return /^baresip v[01]\./i.test(request.header('User-Agent') ?? '');
}
