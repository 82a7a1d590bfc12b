// From bytes to a message. Validates the start line and what every message must have; the rest is read when asked for.
import { DecodeError } from '../../core/index.ts';
import { parseCseq } from './cseq.ts';
import { parseDigits, shown } from './grammar.ts';
import type { HeaderTable } from './header-table.ts';
import { MAX_HEADER_BYTES, MAX_MESSAGE_BYTES } from './limits.ts';
import { type Answerable, MalformedRequest, type MalformedStatus } from './malformed-request.ts';
import { parseNameAddr } from './name-addr.ts';
import { SipRequest } from './request.ts';
import { SipResponse } from './response.ts';
import { scanHeaderSection } from './scan.ts';
import { parseRequestLine, parseStatusLine, type RequestLine } from './start-line.ts';
import { asBuffer } from './text.ts';
import type { Cseq, NameAddr, Via } from './types.ts';
import { parseVia } from './via.ts';

const HEADER_END = Buffer.from('\r\n\r\n');
const CRLF = '\r\n';

/** A message cut into its parts. */
interface Sections {
  /** Start line and header fields, each with its line break. */
  readonly head: string;
  readonly body: Uint8Array;
  /** Too large, or no empty line behind the headers. */
  readonly fault: DecodeError | undefined;
  readonly isTooLarge: boolean;
}

/** Headers that routing needs, read. */
interface NeededHeaders {
  readonly via: readonly Via[];
  readonly from: NameAddr;
  readonly to: NameAddr;
  readonly cseq: Cseq;
}

/**
 * Reads one whole message: a datagram, or what `StreamFramer` cut out of a stream. The body is a view of `bytes`, so
 * the caller gives them away.
 *
 * @returns a `MalformedRequest` where a request is wrong, another `DecodeError` where a response or nothing at all is
 */
export function parseMessage(bytes: Uint8Array): SipRequest | SipResponse | DecodeError {
  const sections = cut(asBuffer(bytes));
  const { startLine, headers, fault } = scanHeaderSection(sections.head);
  const lineFault = sections.fault ?? fault;
  if (startLine.startsWith('SIP/') || startLine.startsWith('sip/')) {
    return lineFault ?? parseResponse(startLine, headers, sections.body);
  }
  const line = parseRequestLine(startLine);
  if (line instanceof DecodeError) return sections.fault ?? line;
  if (line.fault) return malformed(line, headers, line.fault, line.faultStatus);
  if (lineFault) return malformed(line, headers, lineFault, sections.isTooLarge ? 513 : 400);
  const read = readNeeded(headers, line.method);
  if (read instanceof DecodeError) return malformed(line, headers, read, 400);
  const body = delimit(headers, sections.body);
  if (body instanceof DecodeError) return malformed(line, headers, body, 400);
  const { method, requestUri, requestUriText } = line;
  // Spelled out: a spread costs more here than all the parsing of the start line.
  return new SipRequest({ method, requestUri, requestUriText, headers, body, read });
}

function parseResponse(startLine: string, headers: HeaderTable, rest: Uint8Array): SipResponse | DecodeError {
  const line = parseStatusLine(startLine);
  if (line instanceof DecodeError) return line;
  const read = readNeeded(headers, undefined);
  if (read instanceof DecodeError) return read;
  const body = delimit(headers, rest);
  if (body instanceof DecodeError) return body;
  return new SipResponse({ status: line.status, reason: line.reason, headers, body, read });
}

function cut(bytes: Buffer): Sections {
  let start = 0;
  // RFC 3261 §7.5: line breaks before the start line are ignored.
  while (bytes[start] === 0x0d && bytes[start + 1] === 0x0a) start += 2;
  const end = bytes.indexOf(HEADER_END, start);
  const headBytes = (end < 0 ? bytes.length : end + 4) - start;
  if (headBytes > MAX_HEADER_BYTES || bytes.length > MAX_MESSAGE_BYTES) {
    return { head: firstLines(bytes, start), body: bytes, fault: tooLarge(headBytes), isTooLarge: true };
  }
  if (end < 0) {
    const fault = new DecodeError('SIP_NO_HEADER_END', 'headers', 'no empty line behind the headers');
    return { head: firstLines(bytes, start), body: bytes, fault, isTooLarge: false };
  }
  const head = bytes.toString('utf8', start, end + 2);
  return { head, body: bytes.subarray(end + 4), fault: undefined, isTooLarge: false };
}

/** Whole lines from the front of what is not processed: enough to answer it. */
function firstLines(bytes: Buffer, start: number): string {
  const text = bytes.toString('utf8', start, Math.min(bytes.length, start + MAX_HEADER_BYTES));
  const end = text.indexOf('\r\n\r\n');
  return text.slice(0, (end < 0 ? text.lastIndexOf(CRLF) : end) + CRLF.length);
}

function tooLarge(headBytes: number): DecodeError {
  const reason =
    headBytes > MAX_HEADER_BYTES
      ? `headers of more than ${MAX_HEADER_BYTES} bytes`
      : `a message of more than ${MAX_MESSAGE_BYTES} bytes`;
  return new DecodeError('SIP_TOO_LARGE', 'message', reason);
}

/** @param method - of the request line; undefined for a response */
function readNeeded(headers: HeaderTable, method: string | undefined): NeededHeaders | DecodeError {
  const callId = single(headers, 'call-id', 'Call-ID');
  if (callId instanceof DecodeError) return callId;
  // §25.1 allows a "word", once more behind an @: no white space, nothing outside ASCII.
  if (!/^[!-~]+$/.test(callId))
    return at(headers, 'call-id', 'Call-ID', `Call-ID ${shown(callId)} is no word`);
  const cseq = readOne(headers, 'cseq', 'CSeq', parseCseq);
  if (cseq instanceof DecodeError) return cseq;
  if (method !== undefined && cseq.method !== method) {
    return at(headers, 'cseq', 'CSeq', `CSeq is for ${shown(cseq.method)}, the request is ${shown(method)}`);
  }
  const from = readOne(headers, 'from', 'From', parseNameAddr);
  if (from instanceof DecodeError) return from;
  const to = readOne(headers, 'to', 'To', parseNameAddr);
  if (to instanceof DecodeError) return to;
  const via = readVias(headers);
  if (via instanceof DecodeError) return via;
  return checkMaxForwards(headers) ?? { via, from, to, cseq };
}

function readOne<Value>(
  headers: HeaderTable,
  id: string,
  place: string,
  parse: (text: string) => Value | DecodeError,
): Value | DecodeError {
  const text = single(headers, id, place);
  if (text instanceof DecodeError) return text;
  const value = parse(text);
  return value instanceof DecodeError ? at(headers, id, place, value.reason, value.code) : value;
}

/** RFC 3261 §7.3.1: a header whose grammar is no list may appear only once. */
function single(headers: HeaderTable, id: string, place: string): string | DecodeError {
  const index = headers.ids.indexOf(id);
  if (index < 0) return new DecodeError('SIP_MISSING_HEADER', place, `${place} is missing`);
  if (headers.ids.includes(id, index + 1)) return at(headers, id, place, `${place} appears more than once`);
  return headers.values[index] ?? '';
}

function readVias(headers: HeaderTable): readonly Via[] | DecodeError {
  const vias: Via[] = [];
  for (const text of headers.elements('via')) {
    const via = parseVia(text);
    if (via instanceof DecodeError) return at(headers, 'via', `Via[${vias.length}]`, via.reason, via.code);
    vias.push(via);
  }
  return vias.length > 0 ? vias : new DecodeError('SIP_MISSING_HEADER', 'Via', 'Via is missing');
}

// RFC 3261 §20.22: 0 to 255. RFC 2543 elements send none.
function checkMaxForwards(headers: HeaderTable): DecodeError | undefined {
  if (!headers.has('max-forwards')) return undefined;
  const text = single(headers, 'max-forwards', 'Max-Forwards');
  if (text instanceof DecodeError) return text;
  if ((parseDigits(text, 256) ?? 256) < 256) return undefined;
  return at(headers, 'max-forwards', 'Max-Forwards', `Max-Forwards ${shown(text)} is not 0 to 255`);
}

/** RFC 3261 §18.3: without Content-Length a datagram's body goes to its end; what is behind the length is discarded. */
function delimit(headers: HeaderTable, rest: Uint8Array): Uint8Array | DecodeError {
  if (!headers.has('content-length')) return rest;
  const text = single(headers, 'content-length', 'Content-Length');
  if (text instanceof DecodeError) return text;
  const length = parseDigits(text, MAX_MESSAGE_BYTES + 1);
  if (length === undefined || length > rest.length) {
    const reason = `Content-Length ${shown(text)} does not fit the ${rest.length} bytes behind the headers`;
    return at(headers, 'content-length', 'Content-Length', reason);
  }
  return length === rest.length ? rest : rest.subarray(0, length);
}

function at(headers: HeaderTable, id: string, place: string, reason: string, code?: string): DecodeError {
  const offset = headers.offsets[headers.ids.indexOf(id)] ?? -1;
  return new DecodeError(code ?? `SIP_BAD_${place.toUpperCase().replace('-', '_')}`, place, reason, offset);
}

function malformed(
  line: RequestLine,
  headers: HeaderTable,
  fault: DecodeError,
  status: MalformedStatus,
): MalformedRequest {
  return new MalformedRequest(fault, status, answerable(line, headers));
}

// RFC 3261 §8.2.6.2: what a response repeats.
const REPEATED = ['from', 'to', 'call-id', 'cseq'] as const;

function answerable(line: RequestLine, headers: HeaderTable): Answerable | undefined {
  if (!REPEATED.every((id) => headers.first(id))) return undefined;
  const texts = headers.elements('via');
  const via = texts.map((text) => parseVia(text, { anyVersion: true }));
  const [top] = via;
  if (top === undefined || top instanceof DecodeError) return undefined;
  const readable = via.filter((value): value is Via => !(value instanceof DecodeError));
  const { method, requestUri, requestUriText } = line;
  return new SipRequest({
    method,
    requestUri,
    requestUriText,
    headers,
    body: new Uint8Array(0),
    read: { via: readable },
  });
}
