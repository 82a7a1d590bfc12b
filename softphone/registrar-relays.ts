// The relays that the account's server gives: with the registration, or asked for by a phone that only calls.
import type { TurnService } from '../nat/index.ts';
import { turnServersOf, type UserAgent } from '../signaling/index.ts';
import type { Account } from './account.ts';
import type { Registration } from './registration.ts';

/** An answer that takes longer is done without: the call shall not wait for it. */
const ASK_LIMIT_MS = 1000;

export interface RegistrarRelaysParts {
  readonly userAgent: Pick<UserAgent, 'request'>;
  readonly account: Account;
  readonly registration: Pick<Registration, 'state' | 'turnServers'>;
}

export class RegistrarRelays {
  /** Undefined where the phone has no account. */
  readonly #parts: RegistrarRelaysParts | undefined;

  constructor(parts: RegistrarRelaysParts | undefined) {
    this.#parts = parts;
  }

  /** Those that came with the registration. */
  get known(): readonly TurnService[] {
    return this.#parts?.registration.turnServers ?? [];
  }

  /** The same, or where the phone is not registered, those that the server gives for the asking. Never rejects. */
  async ask(): Promise<readonly TurnService[]> {
    if (!this.#parts || this.#parts.registration.state === 'registered') return this.known;
    const { userAgent, account } = this.#parts;
    // Whoever cannot prove who it is is given nothing.
    if (!account.credentials) return this.known;
    // RFC 3261 §10.2.3: a REGISTER without Contact changes no binding, so it takes no calls away from other phones.
    const { response } = await userAgent.request('REGISTER', {
      target: account.registrar,
      from: account.aor,
      to: account.aor,
      credentials: account.credentials,
      timeoutMs: ASK_LIMIT_MS,
      ...(account.routeSet ? { routeSet: account.routeSet } : {}),
    });
    return response?.status === 200 ? turnServersOf(response) : this.known;
  }
}
