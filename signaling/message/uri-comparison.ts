// When two URIs name the same resource (RFC 3261 §19.1.4).
import { normalizeEscapes } from './escapes.ts';
import type { Parameters, SipUri, TelUri, Uri } from './types.ts';

/** Whether both are the same URI. Not transitive: the rules for parameters do not allow it. */
export function isSameUri(a: Uri, b: Uri): boolean {
  if (a === b) return true;
  if (a.scheme === 'other') return b.scheme === 'other' && a.text === b.text;
  if (a.scheme === 'tel') return b.scheme === 'tel' && isSameNumber(a, b);
  return b.scheme === a.scheme && isSameSipUri(a, b);
}

function isSameSipUri(a: SipUri, b: SipUri): boolean {
  return (
    a.host === b.host &&
    // "sip:host" and "sip:host:5060" can resolve to different ports.
    a.port === b.port &&
    isSameText(a.user, b.user) &&
    isSameText(a.password, b.password) &&
    areSameParameters(a.parameters, b.parameters) &&
    areSameHeaders(a.headers, b.headers)
  );
}

function isSameText(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || normalizeEscapes(a) === normalizeEscapes(b);
}

// "appearing in only one URI never matches"; transport by the section's examples: it "can resolve to different transports".
const NEVER_IGNORED = ['user', 'ttl', 'method', 'maddr', 'transport'] as const;

function areSameParameters(a: Parameters, b: Parameters): boolean {
  for (const name of NEVER_IGNORED) if (a.has(name) !== b.has(name)) return false;
  for (const [name, value] of a) {
    if (b.has(name) && !isSameValue(value, b.get(name))) return false;
  }
  return true;
}

function isSameValue(a: string | undefined, b: string | undefined): boolean {
  // Comparison of parameters is case-insensitive unless stated otherwise.
  return isSameText(a?.toLowerCase(), b?.toLowerCase());
}

/** Header components are never ignored; their order does not matter. */
function areSameHeaders(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || sortedHeaders(a) === sortedHeaders(b);
}

function sortedHeaders(headers: string): string {
  const pairs = headers.split('&').map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return `${normalizeEscapes(name).toLowerCase()}=${normalizeEscapes(value.join('='))}`;
  });
  return pairs.sort().join('&');
}

/** RFC 3966 §4: visual separators do not count, parameters do, in any order. */
function isSameNumber(a: TelUri, b: TelUri): boolean {
  if (digitsOf(a) !== digitsOf(b) || a.parameters.size !== b.parameters.size) return false;
  for (const [name, value] of a.parameters) {
    if (!b.parameters.has(name) || !isSameValue(value, b.parameters.get(name))) return false;
  }
  return true;
}

function digitsOf(uri: TelUri): string {
  return uri.number.replace(/[().-]/g, '').toLowerCase();
}
