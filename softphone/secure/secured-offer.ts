// What an INVITE offers to secure end to end.
import { DecodeError } from '../../core/index.ts';
import { isSecured, parseSdp, securedSections } from '../../signaling/index.ts';

export interface SecuredOffer {
  readonly hasSound: boolean;
}

/** @returns undefined where it offers something else, or nothing */
export function securedOfferOf(sdp: string | undefined): SecuredOffer | undefined {
  const description = sdp === undefined ? undefined : parseSdp(sdp);
  if (description === undefined || description instanceof DecodeError || !isSecured(description)) {
    return undefined;
  }
  const { sound, data } = securedSections(description);
  return sound || data ? { hasSound: sound !== undefined } : undefined;
}
