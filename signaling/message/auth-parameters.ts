// Challenges and credentials: `Digest realm="a", nonce="b"` (RFC 3261 §25.1, RFC 7235 §2.1).
import { DecodeError, invariant } from '../../core/index.ts';
import { quote, shown, unquote } from './grammar.ts';

/** Value of Authorization, WWW-Authenticate, Proxy-Authorization, Proxy-Authenticate or Authentication-Info. */
export interface AuthParameters {
  /** As received; compare it without regard to case. Empty for Authentication-Info. */
  readonly scheme: string;
  /** Names in lower case, values without quotes. */
  readonly parameters: ReadonlyMap<string, string>;
}

const SCHEME = /^([\w.!%*+`'~-]+)[ \t]+/;
// auth-param, and what a URI may have where a sender left its quotes out.
const PARAMETER = /[ \t]*([\w.!%*+`'~-]+)[ \t]*=[ \t]*("(?:[^"\\]|\\[\s\S])*"|[^\s",;]+)[ \t]*(?:,|$)/y;
const MAX_PARAMETERS = 64;

/** Reads a scheme and its `key=value` list. */
export function parseAuthParameters(text: string): AuthParameters | DecodeError {
  const [prefix = '', scheme] = SCHEME.exec(text) ?? [];
  if (scheme === undefined || prefix.length === text.length)
    return bad(text, 'is not a scheme with parameters', 0);
  const parameters = parseAuthList(text, prefix.length);
  return parameters instanceof DecodeError ? parameters : { scheme, parameters };
}

/**
 * Reads a list that has no scheme before it: Authentication-Info.
 *
 * @param start - index of the first parameter
 */
export function parseAuthList(text: string, start = 0): ReadonlyMap<string, string> | DecodeError {
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = start;
  for (let at = start; at < text.length; at = PARAMETER.lastIndex) {
    const [, name, value] = PARAMETER.exec(text) ?? [];
    if (name === undefined || value === undefined) return bad(text, 'is no list of parameters', at);
    const key = name.toLowerCase();
    // RFC 7616 §3.3, §3.4: a directive appears once; two nonces are an attempt to be read two ways.
    if (parameters.has(key)) return bad(text, `has ${shown(name)} twice`, at);
    if (parameters.size === MAX_PARAMETERS) return bad(text, 'has too many parameters', at);
    parameters.set(key, unquote(value));
  }
  return parameters;
}

function bad(text: string, reason: string, offset: number): DecodeError {
  // The value may hold a digest: it is never shown whole.
  return new DecodeError('SIP_BAD_AUTH', 'auth', `${shown(text.slice(0, 12))} ${reason}`, offset);
}

/** One parameter to be written: its value goes between quotes where `quoted` says so. */
export interface AuthParameter {
  readonly name: string;
  readonly value: string;
  readonly quoted: boolean;
}

/** `Digest realm="a", algorithm=MD5`. */
export function formatAuthParameters(scheme: string, parameters: readonly AuthParameter[]): string {
  const list = parameters.map(({ name, value, quoted }) => {
    invariant(!/[\r\n]/.test(value), 'parameters of ours are one line');
    return `${name}=${quoted ? quote(value) : value}`;
  });
  return scheme === '' ? list.join(', ') : `${scheme} ${list.join(', ')}`;
}
