// Percent escapes (RFC 3261 §19.1.2, §19.1.4).

/** Whether every % starts an escape. */
export function hasOnlyWholeEscapes(text: string): boolean {
  return !text.includes('%') || !/%(?![0-9A-Fa-f]{2})/.test(text);
}

// unreserved and user-unreserved of RFC 3261 §25.1, but for what phones and people stumble over: `;?/,` are escaped.
const NEEDS_ESCAPE = /[^\w.!~*'()&=+$-]/gu;

/** The user part of a URI for any text: `a b` becomes `a%20b`. */
export function escapeUser(text: string): string {
  return text.replace(NEEDS_ESCAPE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // A lone surrogate has no UTF-8; encodeURIComponent would throw.
  if (code >= 0xd800 && code <= 0xdfff) return '%EF%BF%BD';
  const encoded = encodeURIComponent(character);
  return encoded.startsWith('%') ? encoded : `%${code.toString(16).toUpperCase()}`;
}

/** The text behind a user part. An escape that is not UTF-8 stays as it is. */
export function unescapeUser(user: string): string {
  if (!user.includes('%')) return user;
  return user.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

/**
 * One spelling for equal texts: RFC 3261 §19.1.4 lets an escape equal the character itself unless that character is
 * reserved. Hexadecimal digits become upper case.
 */
export function normalizeEscapes(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/%([0-9A-Fa-f]{2})/g, (whole, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return /[\w.!~*'()-]/.test(character) ? character : whole.toUpperCase();
  });
}
