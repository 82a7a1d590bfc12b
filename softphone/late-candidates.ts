// Candidates that the far end sends after its description, by INFO (RFC 8840).
import { DecodeError } from '../core/index.ts';
import {
  infoPackageOf,
  parseIceFragment,
  refusePackage,
  type SessionEvents,
  TRICKLE_ICE,
  TRICKLE_ICE_TYPE,
} from '../signaling/index.ts';
import type { CallPath } from './call-path.ts';

/** Answers an INFO that has a package. @returns false for every other request */
export function answerInfoPackage(
  incoming: SessionEvents['request'],
  path: Pick<CallPath, 'isAgreed' | 'addRemote'> | undefined,
): boolean {
  const { request, respond } = incoming;
  if (refusePackage(incoming, path?.isAgreed ? [TRICKLE_ICE] : [])) return true;
  if (infoPackageOf(request) === undefined) return false;
  if (request.contentType !== TRICKLE_ICE_TYPE) {
    respond(415, { headers: [['Accept', TRICKLE_ICE_TYPE]] });
    return true;
  }
  const added = parseIceFragment(request.bodyText);
  // What belongs to an earlier exchange is no fault of the request.
  if (!(added instanceof DecodeError)) path?.addRemote(added);
  respond(added instanceof DecodeError ? 400 : 200);
  return true;
}
