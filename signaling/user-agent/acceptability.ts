// Requests that no user agent of ours can take, and the answer that says why (RFC 3261 §8.2).
import { DecodeError } from '../../core/index.ts';
import type { SipRequest } from '../message/index.ts';
import {
  ALLOW,
  isTooShort,
  judgeExtensions,
  MIN_SE_SECONDS,
  type Refusal,
  SDP_TYPE,
} from '../session/index.ts';

const KNOWN_METHODS: ReadonlySet<string> = new Set(ALLOW.split(', '));
/** Outside dialogs these go to whoever listens for requests. */
const OTHER_METHODS: ReadonlySet<string> = new Set(['REGISTER', 'SUBSCRIBE', 'PUBLISH']);

/** Inspects a request outside dialogs in the order of §8.2; undefined where nothing is wrong with it. */
export function judge(request: SipRequest, supported: ReadonlySet<string>): Refusal | undefined {
  const fault = request.check();
  if (fault instanceof DecodeError)
    return { status: 400, options: { reason: `Bad Request: ${fault.place}` } };
  return (
    judgeMethod(request) ??
    judgeUri(request) ??
    judgeExtensions(request, supported) ??
    (request.method === 'INVITE' ? judgeInvite(request) : undefined)
  );
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

function judgeInvite(request: SipRequest): Refusal | undefined {
  // §12.1.1: without it nobody could be called back.
  if (request.contacts.length === 0) return { status: 400, options: { reason: 'Bad Request: Contact' } };
  // RFC 4028 §8.
  if (isTooShort(request)) {
    return { status: 422, options: { headers: [['Min-SE', String(MIN_SE_SECONDS)]] } };
  }
  return judgeBody(request);
}

/** §8.2.3: a body that must be understood. */
function judgeBody(request: SipRequest): Refusal | undefined {
  const accept = request.headerValues('Accept');
  const wantsSdp =
    accept.length === 0 || accept.some((type) => /^(application\/(sdp|\*)|\*\/\*)/i.test(type));
  // RFC 4475 §3.3.15: what we would answer with is not wanted.
  if (!wantsSdp) return { status: 406, options: {} };
  if (request.body.length === 0 || (request.contentType ?? SDP_TYPE) === SDP_TYPE) return undefined;
  const optional = /handling\s*=\s*optional/i.test(request.header('Content-Disposition') ?? '');
  return optional ? undefined : { status: 415, options: { headers: [['Accept', SDP_TYPE]] } };
}
