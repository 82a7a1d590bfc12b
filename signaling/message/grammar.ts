// Pieces of the grammar of RFC 3261 §25.1 that several headers share.

/** token: methods, header names, option tags. */
export const TOKEN = /^[\w.!%*+`'~-]+$/;

const DIGITS = /^\d+$/;

/**
 * 1*DIGIT.
 *
 * @returns the number, `limit` where it is larger, or undefined where the text is no number
 */
export function parseDigits(text: string, limit: number): number | undefined {
  return DIGITS.test(text) ? Math.min(Number(text), limit) : undefined;
}

/**
 * Splits a comma list, with respect for quotes and angle brackets. Elements are trimmed; an empty element stays, so
 * that whoever parses it can object.
 */
export function splitList(text: string): string[] {
  if (!text.includes(',')) return [text];
  if (!text.includes('"') && !text.includes('<')) return text.split(',').map(trim);
  const elements: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = endOfQuoted(text, at);
    else if (char === LESS_THAN) at = orEnd(text, text.indexOf('>', at));
    else if (char === COMMA) {
      elements.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  elements.push(text.slice(start).trim());
  return elements;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const LESS_THAN = 0x3c;
const BACKSLASH = 0x5c;

/**
 * Finds the quote that closes the one at `open`.
 *
 * @returns its index, or the text's length where there is none
 */
export function endOfQuoted(text: string, open: number): number {
  let close = text.indexOf('"', open + 1);
  while (close > 0 && isEscaped(text, close, open)) close = text.indexOf('"', close + 1);
  return orEnd(text, close);
}

function isEscaped(text: string, at: number, open: number): boolean {
  let backslashes = 0;
  while (at - 1 - backslashes > open && text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

function orEnd(text: string, at: number): number {
  return at < 0 ? text.length : at;
}

/** The content of a quoted-string, quotes taken off and quoted-pairs resolved. Other text is returned as it is. */
export function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  const inner = text.slice(1, -1);
  return inner.includes('\\') ? inner.replace(/\\([\s\S])/g, '$1') : inner;
}

/** A quoted-string with this content. */
export function quote(text: string): string {
  return /["\\]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`;
}

/** Shows a piece of the wire in an error: quoted, and cut where it is long. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function trim(text: string): string {
  return text.trim();
}
