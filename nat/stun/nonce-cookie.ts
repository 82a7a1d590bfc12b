// The first 13 characters of a nonce tell what the server can do, so that nobody on the way can hide it (RFC 8489 §9.2).

/** RFC 8489 §18.1, by the bit of its number; bit 0 is the most significant of 24. */
const FEATURE_BIT = { passwordAlgorithms: 0, usernameAnonymity: 1 } as const;

export type StunSecurityFeature = keyof typeof FEATURE_BIT;

const PREFIX = 'obMatJos2';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Four characters of base64: 24 bits. */
const COOKIE = /^obMatJos2([A-Za-z0-9+/]{4})/;

/** What a server puts before its nonces. @example nonceCookie(['passwordAlgorithms']) === 'obMatJos2gAAA' */
export function nonceCookie(features: readonly StunSecurityFeature[]): string {
  const bits = features.reduce((sum, feature) => sum | (1 << (23 - FEATURE_BIT[feature])), 0);
  const digits = [18, 12, 6, 0].map((shift) => BASE64[(bits >> shift) & 63]);
  return PREFIX + digits.join('');
}

/** Whether the nonce says so; one without a cookie, of a server before RFC 8489, says nothing. */
export function hasFeature(nonce: string, feature: StunSecurityFeature): boolean {
  const digits = COOKIE.exec(nonce)?.[1];
  if (digits === undefined) return false;
  // Both features are among the six bits of the first digit.
  return ((BASE64.indexOf(digits.charAt(0)) >> (5 - FEATURE_BIT[feature])) & 1) === 1;
}
