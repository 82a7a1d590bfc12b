// INFO with a package (RFC 6086), and the one that a phone of ours takes.
import type { HeaderField, SipRequest } from '../message/index.ts';
import type { SessionEvents } from '../session/types.ts';

/** Candidates that follow a description (RFC 8840 §10). */
export const TRICKLE_ICE = 'trickle-ice';
/** The media type of its bodies. */
export const TRICKLE_ICE_TYPE = 'application/trickle-ice-sdpfrag';

/** By which INVITE and its 2xx tell which packages may be sent to us (RFC 6086 §5.2.1). */
export const RECV_TRICKLE_ICE: HeaderField = ['Recv-Info', TRICKLE_ICE];

/** In lower case; undefined for INFO as it was before packages, and for all else. */
export function infoPackageOf(request: SipRequest): string | undefined {
  return request.method === 'INFO' ? request.header('Info-Package')?.trim().toLowerCase() : undefined;
}

/**
 * Refuses an INFO whose package is none of those that are taken (RFC 6086 §4.2.2).
 *
 * @returns false for every other request
 */
export function refusePackage(
  { request, respond }: SessionEvents['request'],
  taken: readonly string[] = [],
): boolean {
  const name = infoPackageOf(request);
  if (name === undefined || taken.includes(name)) return false;
  respond(469, { headers: [['Recv-Info', taken.join(', ')]] });
  return true;
}
