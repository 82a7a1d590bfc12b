// From, To, Contact, Route and their like: an address with a name and parameters (RFC 3261 §20.10).
import { DecodeError } from '../../core/index.ts';
import { endOfQuoted, quote, shown, unquote } from './grammar.ts';
import { formatParameters, parseParameters } from './parameters.ts';
import type { NameAddr } from './types.ts';
import { formatUri, parseUri } from './uri.ts';

// display-name without quotes: *(token LWS).
// Departs from RFC 3261 §25.1: letters outside ASCII may stand without quotes, as many phones write names.
const TOKENS = /^[\w.!%*+`'~\u0080-\uffff-]+(?:[ \t]+[\w.!%*+`'~\u0080-\uffff-]+)*$/;

/** Reads a name-addr or addr-spec with its parameters. */
export function parseNameAddr(text: string): NameAddr | DecodeError {
  if (text.startsWith('"')) return parseQuotedName(text);
  const open = text.indexOf('<');
  if (open === 0) return parseBracketed(text, 0, undefined);
  if (open < 0) return parseAddrSpec(text);
  const name = text.slice(0, open).trim();
  if (TOKENS.test(name)) return parseBracketed(text, open, name);
  // A quoted parameter of an addr-spec may have a bracket in it; a name may have no semicolon.
  if (name.includes(';')) return parseAddrSpec(text);
  return bad(text, 'has a display name that needs quotes', 0);
}

function parseQuotedName(text: string): NameAddr | DecodeError {
  const close = endOfQuoted(text, 0);
  if (close === text.length) return bad(text, 'has an unclosed quote', 0);
  let open = close + 1;
  while (text.charCodeAt(open) === 0x20 || text.charCodeAt(open) === 0x09) open += 1;
  if (text[open] !== '<') return bad(text, 'has a display name without an address in <>', open);
  return parseBracketed(text, open, unquote(text.slice(0, close + 1)));
}

function parseBracketed(text: string, open: number, displayName: string | undefined): NameAddr | DecodeError {
  const close = text.indexOf('>', open);
  if (close < 0) return bad(text, 'has an unclosed bracket', open);
  const uri = parseUri(text.slice(open + 1, close));
  if (uri instanceof DecodeError) return uri;
  const parameters = parseParameters(text.slice(close + 1).trim());
  if (parameters instanceof DecodeError) return parameters;
  return { displayName, uri, parameters };
}

function parseAddrSpec(text: string): NameAddr | DecodeError {
  // RFC 3261 §20.10: without <>, what follows a semicolon belongs to the header, not to the URI.
  const semicolon = text.indexOf(';');
  const address = (semicolon < 0 ? text : text.slice(0, semicolon)).trim();
  // RFC 3261 §20.10: a URI with a comma or a question mark must be enclosed in <>.
  if (address.includes('?') || address.includes(',')) return bad(text, 'has a URI that needs <>', 0);
  const uri = parseUri(address);
  if (uri instanceof DecodeError) return uri;
  const parameters = parseParameters(semicolon < 0 ? '' : text.slice(semicolon));
  if (parameters instanceof DecodeError) return parameters;
  return { displayName: undefined, uri, parameters };
}

function bad(text: string, reason: string, offset: number): DecodeError {
  return new DecodeError('SIP_BAD_ADDRESS', 'address', `${shown(text)} ${reason}`, offset);
}

/** The address as text, always in angle brackets, its name always in quotes. */
export function formatNameAddr(address: NameAddr): string {
  const { displayName, uri, parameters } = address;
  const name = displayName ? `${quote(displayName.replace(/[\r\n]+/g, ' '))} ` : '';
  return `${name}<${formatUri(uri)}>${formatParameters(parameters)}`;
}
