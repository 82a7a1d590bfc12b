// Requests that no user agent of ours can take, and the answer that says why (RFC 3261 §8.2).
import { DecodeError } from '../../core/index.ts';
import type { SipRequest } from '../message/index.ts';
import { ALLOW, type ResponseOptions, SDP_TYPE } from '../session/index.ts';

/** Option tags that the user agent understands (RFC 3262, RFC 4028). */
export const SUPPORTED_OPTIONS: readonly string[] = ['100rel', 'timer'];

const KNOWN_METHODS: ReadonlySet<string> = new Set(ALLOW.split(', '));
/** Outside dialogs these go to whoever listens for requests. */
const OTHER_METHODS: ReadonlySet<string> = new Set(['REGISTER', 'SUBSCRIBE', 'PUBLISH']);

export interface Refusal {
  readonly status: number;
  readonly options: ResponseOptions;
}

/** Inspects a request outside dialogs in the order of §8.2; undefined where nothing is wrong with it. */
export function judge(request: SipRequest, supported: readonly string[]): Refusal | undefined {
  const fault = request.check();
  if (fault instanceof DecodeError)
    return { status: 400, options: { reason: `Bad Request: ${fault.place}` } };
  return judgeMethod(request) ?? judgeUri(request) ?? judgeRequire(request, supported) ?? judgeBody(request);
}

function judgeMethod({ method }: SipRequest): Refusal | undefined {
  const headers = [['Allow', ALLOW]] as const;
  if (method === 'BYE' || method === 'PRACK' || method === 'UPDATE') return { status: 481, options: {} };
  if (KNOWN_METHODS.has(method) || OTHER_METHODS.has(method)) return undefined;
  return { status: 501, options: { headers } };
}

/** §8.2.2.1. */
function judgeUri(request: SipRequest): Refusal | undefined {
  return request.requestUri.scheme === 'other' ? { status: 416, options: {} } : undefined;
}

/** §8.2.2.3. */
function judgeRequire(request: SipRequest, supported: readonly string[]): Refusal | undefined {
  const required = [...request.headerValues('Require'), ...request.headerValues('Proxy-Require')];
  const unknown = required.filter((tag) => {
    const lower = tag.toLowerCase();
    return !SUPPORTED_OPTIONS.includes(lower) && !supported.includes(lower);
  });
  if (unknown.length === 0) return undefined;
  return { status: 420, options: { headers: [['Unsupported', [...new Set(unknown)].join(', ')]] } };
}

/** §8.2.3: a body that must be understood. */
function judgeBody(request: SipRequest): Refusal | undefined {
  if (request.method !== 'INVITE') return undefined;
  const accept = request.headerValues('Accept');
  const wantsSdp =
    accept.length === 0 || accept.some((type) => /^(application\/(sdp|\*)|\*\/\*)/i.test(type));
  // RFC 4475 §3.3.15: what we would answer with is not wanted.
  if (!wantsSdp) return { status: 406, options: {} };
  if (request.body.length === 0 || (request.contentType ?? SDP_TYPE) === SDP_TYPE) return undefined;
  const optional = /handling\s*=\s*optional/i.test(request.header('Content-Disposition') ?? '');
  return optional ? undefined : { status: 415, options: { headers: [['Accept', SDP_TYPE]] } };
}
