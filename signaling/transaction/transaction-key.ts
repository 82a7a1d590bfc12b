// How a message finds its transaction (RFC 3261 §17.1.3, §17.2.3, §8.2.2.2).
import type { SipRequest } from '../message/index.ts';

/** RFC 3261 §8.1.1.7: a branch that begins so is unique, and was made by an element that keeps this RFC. */
export const MAGIC_COOKIE = 'z9hG4bK';

/** Begins the keys of requests that can only be matched by the rules of RFC 2543. */
const LEGACY = 'RFC 2543';

/**
 * Keys are kept for half a minute. `join` makes a string of its own; a template would make a tree that holds on to
 * its parts, and they are slices of the whole message.
 */
function keyOf(...parts: readonly (string | number)[]): string {
  return parts.join(';');
}

/**
 * The key of the server transaction to which a request belongs.
 *
 * @param method - `INVITE` also for ACK and CANCEL, where the INVITE is looked for
 */
export function serverKey(request: SipRequest, method: string): string {
  const { branch } = request;
  // RFC 4475 §3.2.1: a branch that is the bare cookie says nothing, so it is matched as RFC 2543 had it.
  if (branch === undefined || branch.length <= MAGIC_COOKIE.length || !branch.startsWith(MAGIC_COOKIE)) {
    return legacyServerKey(request, method);
  }
  const { host, port } = request.topVia;
  return keyOf(branch, host, port ?? '', method);
}

/**
 * RFC 3261 §17.2.3, for elements of RFC 2543: Request-URI, From tag, Call-ID, CSeq and top Via. The To tag is left
 * out, for the ACK has the one of the response; {@link isAckOfLegacy} compares it.
 */
function legacyServerKey(request: SipRequest, method: string): string {
  const { host, port, transport } = request.topVia;
  const call = [request.requestUriText, request.fromTag ?? '', request.callId, request.cseq.sequenceNumber];
  return keyOf(LEGACY, ...call, transport, host, port ?? '', request.branch ?? '', method);
}

/** Whether a request can only be matched by the rules of RFC 2543. */
export function isLegacyKey(key: string): boolean {
  return key.startsWith(LEGACY);
}

/**
 * What two copies of one request that came by different ways have in common (RFC 3261 §8.2.2.2).
 *
 * @returns undefined where the request is within a dialog, or too old to have a From tag
 */
export function mergeKey(request: SipRequest): string | undefined {
  if (request.toTag !== undefined || request.fromTag === undefined) return undefined;
  const { sequenceNumber, method } = request.cseq;
  return keyOf(request.fromTag, request.callId, sequenceNumber, method);
}

/** The key of a client transaction: branch and CSeq method (RFC 3261 §17.1.3). */
export function clientKey(branch: string, method: string): string {
  return keyOf(branch, method);
}
