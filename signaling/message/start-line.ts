// The first line of a message (RFC 3261 §7.1, §7.2).
import { DecodeError } from '../../core/index.ts';
import { shown, TOKEN } from './grammar.ts';
import type { MalformedStatus } from './malformed-request.ts';
import type { Uri } from './types.ts';
import { parseUri } from './uri.ts';

/** What a request line says; `fault` where the request cannot be processed. */
export interface RequestLine {
  readonly method: string;
  readonly requestUriText: string;
  readonly requestUri: Uri;
  readonly fault: DecodeError | undefined;
  readonly faultStatus: MalformedStatus;
}

const VERSION = /^SIP\/(\d+\.\d+)$/i;

/** @returns a `DecodeError` where the line is not a request's at all */
export function parseRequestLine(line: string): RequestLine | DecodeError {
  const methodEnd = line.indexOf(' ');
  const method = line.slice(0, Math.max(methodEnd, 0));
  if (!TOKEN.test(method)) return bad(`${shown(line)} does not start with a method`);
  // Exactly two spaces (§7.1): no white space is let pass that would leave the URI open to guessing.
  const uriEnd = line.indexOf(' ', methodEnd + 1);
  const requestUriText = line.slice(methodEnd + 1, uriEnd < 0 ? line.length : uriEnd);
  const version = uriEnd < 0 ? '' : line.slice(uriEnd + 1);
  const requestUri = parseUri(requestUriText);
  const [status, fault] = judge(line, version, requestUri);
  const uri: Uri = requestUri instanceof DecodeError ? { scheme: 'other', text: requestUriText } : requestUri;
  return { method, requestUriText, requestUri: uri, fault, faultStatus: status };
}

function judge(
  line: string,
  version: string,
  uri: Uri | DecodeError,
): [MalformedStatus, DecodeError | undefined] {
  if (version !== 'SIP/2.0') {
    const number = VERSION.exec(version)?.[1];
    if (number === undefined) return [400, bad(`${shown(line)} does not end in one space and SIP/2.0`)];
    if (number !== '2.0') return [505, fault('SIP_VERSION', `version ${shown(version)} is not SIP/2.0`)];
  }
  if (uri instanceof DecodeError) return [400, new DecodeError(uri.code, 'Request-URI', uri.reason)];
  // RFC 3261 §8.2.2.1.
  if (uri.scheme === 'other') {
    return [416, fault('SIP_URI_SCHEME', `scheme of ${shown(uri.text)} is not sip, sips or tel`)];
  }
  if (uri.scheme !== 'tel' && uri.headers !== undefined) {
    // RFC 3261 §19.1.1, table 1: headers are not allowed in a Request-URI. Refused, so that nobody can honour them.
    return [400, fault('SIP_BAD_URI', `Request-URI ${shown(line)} has headers`)];
  }
  return [400, undefined];
}

function fault(code: string, reason: string): DecodeError {
  return new DecodeError(code, 'Request-URI', reason, 0);
}

/** What a status line says. */
export interface StatusLine {
  readonly status: number;
  readonly reason: string;
}

// Departs from RFC 3261 §25.1: the space before an empty reason phrase may be missing, as some stacks leave it out.
const STATUS_LINE = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/is;

/** Reads `SIP/2.0 200 OK`. */
export function parseStatusLine(line: string): StatusLine | DecodeError {
  const [whole, status = '', reason = ''] = STATUS_LINE.exec(line) ?? [];
  if (whole === undefined) return bad(`${shown(line)} is no status line of SIP/2.0`);
  return { status: Number(status), reason };
}

function bad(reason: string): DecodeError {
  return new DecodeError('SIP_BAD_START_LINE', 'start line', reason, 0);
}
