// Messages of our own making.
import { DecodeError, invariant } from '../../core/index.ts';
import { TOKEN } from './grammar.ts';
import { HeaderTable } from './header-table.ts';
import type { Answerable } from './malformed-request.ts';
import { parseNameAddr } from './name-addr.ts';
import { defaultReason } from './reasons.ts';
import { SipRequest } from './request.ts';
import { SipResponse } from './response.ts';
import type { HeaderField, Uri } from './types.ts';
import { formatUri } from './uri.ts';

export interface CreateRequestOptions {
  readonly method: string;
  readonly requestUri: Uri;
  /** In the order in which they are to be sent. Content-Length and, with `contentType`, Content-Type are added. */
  readonly headers: readonly HeaderField[];
  readonly body?: Uint8Array | string | undefined;
  readonly contentType?: string | undefined;
}

/** A request to be sent. Headers that a request must have are the caller's business. */
export function createRequest(options: CreateRequestOptions): SipRequest {
  const { method, requestUri, body = '' } = options;
  invariant(TOKEN.test(method), 'methods of ours are tokens');
  const requestUriText = formatUri(requestUri);
  invariant(!/\s/.test(requestUriText), 'URIs were parsed or built, and neither leaves white space in them');
  const headers = HeaderTable.of(options.headers);
  if (options.contentType !== undefined) headers.addOwn(['Content-Type', options.contentType]);
  return new SipRequest({ method, requestUri, requestUriText, headers, body });
}

export interface CreateResponseOptions {
  /** `defaultReason(status)` where not given. */
  readonly reason?: string | undefined;
  /**
   * Tag for a To that has none, above status 100. Where it is not given, it is made from the request, always the same
   * for the same request (RFC 3261 §8.2.7): right for stateless answers; a dialog wants a random one.
   */
  readonly toTag?: string | undefined;
  readonly headers?: readonly HeaderField[] | undefined;
  readonly body?: Uint8Array | string | undefined;
  readonly contentType?: string | undefined;
}

/** A response to the request (RFC 3261 §8.2.6). */
export function createResponse(
  request: SipRequest | Answerable,
  status: number,
  options: CreateResponseOptions = {},
): SipResponse {
  invariant(Number.isInteger(status) && status >= 100 && status <= 699, 'statuses of ours are 100 to 699');
  const { reason = defaultReason(status), body = '' } = options;
  invariant(!/[\r\n]/.test(reason), 'reason phrases of ours are one line');
  const headers = HeaderTable.empty();
  for (const via of request.headerValues('via')) headers.add('via', 'Via', via, -1);
  headers.add('from', 'From', request.header('from') ?? '', -1);
  headers.add('to', 'To', toOf(request, status, options.toTag), -1);
  headers.add('call-id', 'Call-ID', request.header('call-id') ?? '', -1);
  headers.add('cseq', 'CSeq', request.header('cseq') ?? '', -1);
  if (mayFormDialog(request.method, status)) {
    for (const route of request.headerValues('record-route'))
      headers.add('record-route', 'Record-Route', route, -1);
  }
  const timestamp = status === 100 ? request.header('timestamp') : undefined;
  // RFC 3261 §8.2.6.1.
  if (timestamp !== undefined) headers.add('timestamp', 'Timestamp', timestamp, -1);
  for (const field of options.headers ?? []) headers.addOwn(field);
  if (options.contentType !== undefined) headers.addOwn(['Content-Type', options.contentType]);
  return new SipResponse({ status, reason, headers, body });
}

// `<sip:alice@example.org>`: nothing behind it, so no tag, and no need to read it.
const BARE_ADDRESS = /^<[^<>"\s]+>$/;

function toOf(request: SipRequest | Answerable, status: number, toTag: string | undefined): string {
  const text = request.header('to') ?? '';
  if (status === 100) return text;
  if (!BARE_ADDRESS.test(text)) {
    const to = parseNameAddr(text);
    // An unreadable To is repeated as it came.
    if (to instanceof DecodeError || to.parameters.has('tag')) return text;
  }
  const tag = toTag ?? statelessTag(request);
  invariant(TOKEN.test(tag), 'tags of ours are tokens');
  return `${text};tag=${tag}`;
}

/** Two FNV-1a hashes of 32 bits: it needs to be the same for the same request, and to keep no secret. */
function statelessTag(request: SipRequest | Answerable): string {
  const text = `${request.topVia.parameters.get('branch')}\n${request.header('call-id')}\n${request.header('cseq')}\n${request.header('from')}`;
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
  }
  return hex32(a) + hex32(b);
}

function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

// RFC 3261 §12.1.1, RFC 6665 §4.3.
const DIALOG_METHODS: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY']);

function mayFormDialog(method: string, status: number): boolean {
  return status > 100 && status < 300 && DIALOG_METHODS.has(method);
}
