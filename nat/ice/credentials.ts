// The short-lived names and passwords by which two agents know each other (RFC 8445 §5.3).
import type { Random } from '../../core/index.ts';
import type { IceCredentials } from './types.ts';

// RFC 8445 §5.3: at least 24 and 128 bits of randomness; a character of a token has 5.
const UFRAG_LENGTH = 8;
const PASSWORD_LENGTH = 26;

/** Draws new credentials: one pair a stream, and another one at each restart. */
export function createIceCredentials(random: Random): IceCredentials {
  return { ufrag: random.token(UFRAG_LENGTH), password: random.token(PASSWORD_LENGTH) };
}

export function isSameCredentials(a: IceCredentials, b: IceCredentials): boolean {
  return a.ufrag === b.ufrag && a.password === b.password;
}
