// Requests that cannot be taken, within a dialog or outside, and the answer that says why (RFC 3261 §8.2.2.3, §12.2.2).
import { DecodeError } from '../../core/index.ts';
import type { SipRequest } from '../message/index.ts';
import { SDP_TYPE } from './constants.ts';
import type { ResponseOptions } from './types.ts';

export interface Refusal {
  readonly status: number;
  readonly options: ResponseOptions;
}

/** RFC 3261 §8.2.2.3: whether everything that is required is understood. */
export function judgeExtensions(request: SipRequest, supported: ReadonlySet<string>): Refusal | undefined {
  const required = [...request.headerValues('Require'), ...request.headerValues('Proxy-Require')];
  const unknown = required.filter((tag) => !supported.has(tag.toLowerCase()));
  if (unknown.length === 0) return undefined;
  return { status: 420, options: { headers: [['Unsupported', [...new Set(unknown)].join(', ')]] } };
}

/** Inspects a request within a dialog; undefined where nothing is wrong with it. */
export function judgeInDialog(request: SipRequest, supported: ReadonlySet<string>): Refusal | undefined {
  // RFC 3261 §15.1.2: whatever else a BYE says, it hangs up.
  if (request.method === 'BYE') return undefined;
  const fault = request.check();
  if (fault instanceof DecodeError) {
    return { status: 400, options: { reason: `Bad Request: ${fault.place}` } };
  }
  return judgeExtensions(request, supported) ?? judgeDescription(request);
}

/** RFC 3261 §8.2.3: offers are made in SDP. */
function judgeDescription(request: SipRequest): Refusal | undefined {
  const mayOffer = request.method === 'INVITE' || request.method === 'UPDATE' || request.method === 'PRACK';
  if (!mayOffer || request.body.length === 0 || (request.contentType ?? SDP_TYPE) === SDP_TYPE) {
    return undefined;
  }
  return { status: 415, options: { headers: [['Accept', SDP_TYPE]] } };
}
