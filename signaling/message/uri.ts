// Addresses: sip:, sips:, tel:, and others as opaque text (RFC 3261 §19.1, RFC 3966).
import { addressFamily, DecodeError, invariant } from '../../core/index.ts';
import { hasOnlyWholeEscapes, normalizeEscapes } from './escapes.ts';
import { shown } from './grammar.ts';
import { formatParameters, NO_PARAMETERS, parsePlain } from './parameters.ts';
import type { Parameters, SipUri, TelUri, Uri } from './types.ts';

// RFC 3261 §25.1: user, password, uri-parameters, headers. Escapes are checked apart.
// Departs from it: # is let pass in the user, since phones send star codes as they are dialled.
const USER = /^[\w.!~*'()&=+$,;?/%#-]+$/;
const PASSWORD = /^[\w.!~*'()&=+$,%-]*$/;
const URI_PARAMETERS = /^(?:;[\w.!~*'()[\]/:&+$%-]+(?:=[\w.!~*'()[\]/:&+$%-]+)?)+$/;
const URI_HEADERS = /^[\w.!~*'()[\]/?:+$%=&-]+$/;
// Departs from RFC 3261 §25.1: underscores in host names are let pass, since machines have such names.
const HOST_NAME = /^\w(?:[\w.-]*[\w.])?$/;
const PORT = /^\d{1,5}$/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
// What may stand in an absoluteURI whose scheme we do not know.
const OPAQUE = /^[!#-;=?-~]+$/;
// RFC 3966 §3: global number, or local number with its visual separators.
const TEL_NUMBER = /^\+?[0-9A-Fa-f*#().-]+$/;

/** Reads an addr-spec. White space around it is an error. */
export function parseUri(text: string): Uri | DecodeError {
  if (text.startsWith('sip:')) return parseSipUri(text, 'sip', 4);
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase();
  if (scheme === 'sip' || scheme === 'sips') return parseSipUri(text, scheme, colon + 1);
  if (scheme === 'tel') return parseTelUri(text, colon + 1);
  if (!SCHEME.test(scheme)) return badUri(text, 'has no scheme', 0);
  if (!OPAQUE.test(text)) return badUri(text, 'has characters which no URI may have', colon);
  return { scheme: 'other', text };
}

function parseSipUri(text: string, scheme: 'sip' | 'sips', start: number): SipUri | DecodeError {
  // RFC 3261 §25.1: user may have ? and ; in it, while @ can stand nowhere else.
  const at = text.indexOf('@', start);
  let user: string | undefined;
  let password: string | undefined;
  if (at >= 0) {
    const colon = text.indexOf(':', start);
    const userEnd = colon >= 0 && colon < at ? colon : at;
    user = text.slice(start, userEnd);
    if (!USER.test(user) || !hasOnlyWholeEscapes(user)) return badUri(text, 'has a bad user part', start);
    if (userEnd < at) password = text.slice(userEnd + 1, at);
    if (password && !(PASSWORD.test(password) && hasOnlyWholeEscapes(password))) {
      return badUri(text, 'has a bad password part', userEnd);
    }
  }
  const hostStart = at < 0 ? start : at + 1;
  const question = text.indexOf('?', hostStart);
  const end = question < 0 ? text.length : question;
  const semicolon = text.indexOf(';', hostStart);
  const hostEnd = semicolon < 0 || semicolon > end ? end : semicolon;
  const hostPort = parseHostPortText(text.slice(hostStart, hostEnd));
  if (!hostPort) return badUri(text, 'has a bad host or port', hostStart);
  const parameters = hostEnd === end ? NO_PARAMETERS : parseUriParameters(text.slice(hostEnd, end));
  if (!parameters) return badUri(text, 'has bad parameters', hostEnd);
  const headers = question < 0 ? undefined : text.slice(question + 1);
  if (headers !== undefined && !(URI_HEADERS.test(headers) && hasOnlyWholeEscapes(headers))) {
    return badUri(text, 'has bad headers', question);
  }
  return { scheme, user, password, host: hostPort.host, port: hostPort.port, parameters, headers };
}

/** `host`, `host:port`, `[v6]`, `[v6]:port`; no bare IPv6 address, no white space. Lower case. */
export function parseHostPortText(
  text: string,
): { readonly host: string; readonly port: number | undefined } | undefined {
  const colon = text.startsWith('[') ? text.indexOf(':', text.indexOf(']')) : text.indexOf(':');
  const host = colon < 0 ? text : text.slice(0, colon);
  if (!isHost(host)) return undefined;
  if (colon < 0) return { host: host.toLowerCase(), port: undefined };
  const digits = text.slice(colon + 1);
  const port = Number(digits);
  return PORT.test(digits) && port <= 65_535 ? { host: host.toLowerCase(), port } : undefined;
}

function isHost(text: string): boolean {
  if (!text.startsWith('[')) return HOST_NAME.test(text);
  // A zone has no meaning for anybody but its own host.
  return text.endsWith(']') && !text.includes('%') && addressFamily(text.slice(1, -1)) === 6;
}

function parseUriParameters(text: string): Parameters | undefined {
  if (!URI_PARAMETERS.test(text) || !hasOnlyWholeEscapes(text)) return undefined;
  const parameters = parsePlain(text);
  if (parameters instanceof DecodeError) return undefined;
  if (!text.includes('%')) return parameters;
  // `%6C%72` is `lr` (RFC 3261 §19.1.4): whoever asks for a name shall find it.
  const named = [...parameters].map(
    ([name, value]) => [normalizeEscapes(name).toLowerCase(), value] as const,
  );
  const unique = new Map(named);
  return unique.size === named.length ? unique : undefined;
}

function parseTelUri(text: string, start: number): TelUri | DecodeError {
  const semicolon = text.indexOf(';', start);
  const number = text.slice(start, semicolon < 0 ? text.length : semicolon);
  if (!TEL_NUMBER.test(number)) return badUri(text, 'has no telephone number', start);
  const parameters = semicolon < 0 ? NO_PARAMETERS : parseUriParameters(text.slice(semicolon));
  if (!parameters) return badUri(text, 'has bad parameters', semicolon);
  return { scheme: 'tel', number, parameters };
}

function badUri(text: string, reason: string, offset: number): DecodeError {
  return new DecodeError('SIP_BAD_URI', 'uri', `URI ${shown(text)} ${reason}`, offset);
}

/** The URI as text, without angle brackets. */
export function formatUri(uri: Uri): string {
  if (uri.scheme === 'other') return uri.text;
  const parameters = formatParameters(uri.parameters);
  if (uri.scheme === 'tel') return `tel:${uri.number}${parameters}`;
  const password = uri.password === undefined ? '' : `:${uri.password}`;
  const user = uri.user === undefined ? '' : `${uri.user}${password}@`;
  const port = uri.port === undefined ? '' : `:${uri.port}`;
  const headers = uri.headers === undefined ? '' : `?${uri.headers}`;
  return `${uri.scheme}:${user}${uri.host}${port}${parameters}${headers}`;
}

/** What a SIP URI is made of. */
export interface SipUriParts {
  readonly scheme?: 'sip' | 'sips';
  /** As it stands in the URI: see `escapeUser`. */
  readonly user?: string | undefined;
  /** Name or address; IPv6 with or without brackets. */
  readonly host: string;
  readonly port?: number | undefined;
  readonly parameters?: Iterable<readonly [name: string, value: string | undefined]>;
}

/** Builds a SIP URI of ours. Parts which no URI may have are a fault of the caller. */
export function sipUri(parts: SipUriParts): SipUri {
  const { scheme = 'sip', user, port } = parts;
  const host = parts.host.includes(':') && !parts.host.startsWith('[') ? `[${parts.host}]` : parts.host;
  invariant(isHost(host), 'whoever builds a URI has a host for it');
  invariant(user === undefined || USER.test(user), 'whoever builds a URI has escaped its user part');
  const parameters = parts.parameters ? new Map(parts.parameters) : NO_PARAMETERS;
  const text = formatParameters(parameters);
  invariant(text === '' || URI_PARAMETERS.test(text), 'whoever builds a URI has escaped its parameters');
  return {
    scheme,
    user,
    password: undefined,
    host: host.toLowerCase(),
    port,
    parameters,
    headers: undefined,
  };
}
