// Who may have something relayed, and by which password: fixed users, and time-limited credentials that nobody stores.
import { hmac } from '../../../core/index.ts';
import type { TurnCredentials } from '../types.ts';
import type { TurnCredentialOptions } from './options.ts';

/** A username that the server knows. */
export interface TurnUser {
  readonly username: string;
  readonly password: string;
  /** Whom quotas are counted for: the username without its expiry. */
  readonly quotaKey: string;
}

/** `expiry` or `expiry:user`, in seconds since 1970. */
const TIME_LIMITED = /^(\d{1,12})(?::(.*))?$/s;

/**
 * What a phone is given so that it can use the server until `expiresAt`, however often.
 *
 * @param user - whom it is for; may be empty
 * @param expiresAt - wall-clock milliseconds since 1970
 */
export function timeLimitedCredentials(secret: string, user: string, expiresAt: number): TurnCredentials {
  const seconds = Math.floor(expiresAt / 1000);
  const username = user === '' ? `${seconds}` : `${seconds}:${user}`;
  return { username, password: passwordOf(secret, username) };
}

function passwordOf(secret: string, username: string): string {
  return Buffer.from(hmac('sha1', secret, username)).toString('base64');
}

export class CredentialBook {
  readonly #users: ReadonlyMap<string, string>;
  readonly #sharedSecret: string | undefined;

  constructor({ users = {}, sharedSecret }: TurnCredentialOptions) {
    this.#users = new Map(Object.entries(users));
    this.#sharedSecret = sharedSecret;
  }

  /**
   * @param wallClock - milliseconds since 1970
   * @returns undefined where nobody has that name, or its time is over
   */
  find(username: string, wallClock: number): TurnUser | undefined {
    const password = this.#users.get(username);
    if (password !== undefined) return { username, password, quotaKey: username };
    const match = this.#sharedSecret === undefined ? null : TIME_LIMITED.exec(username);
    if (!match || this.#sharedSecret === undefined) return undefined;
    const [, expiry, user = ''] = match;
    if (Number(expiry) * 1000 <= wallClock) return undefined;
    return { username, password: passwordOf(this.#sharedSecret, username), quotaKey: user };
  }
}
