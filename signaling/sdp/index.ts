// Session descriptions (RFC 8866), offer and answer (RFC 3264).
export { audioOf, audioPlaceOf, DEFAULT_PTIME_MS, type PlacedMedia, remoteMediaOf } from './audio.ts';
export { COMFORT_NOISE, TELEPHONE_EVENT } from './capabilities.ts';
export {
  canReceive,
  canSend,
  effectiveDirection,
  intersectDirections,
  isOnHold,
  reverseDirection,
  withDirection,
} from './direction.ts';
export { type ExtensionCapability, extensionsOf } from './extensions.ts';
export { formatSdp } from './format.ts';
export { isSameFormat, isSoundFormat, plainFormat, registeredSpelling, STATIC_FORMATS } from './formats.ts';
export { ICE_LITE, ICE_MISMATCH, iceAttributes, iceOf, MAX_CANDIDATES, verifiedIceOf } from './ice.ts';
export { parseIceFragment } from './ice-fragment.ts';
export { formatsToAnswer, formatsToOffer, inOrderOf, withKnownPayloadTypes } from './leg-formats.ts';
export { type NegotiatedMedia, negotiated } from './negotiated.ts';
export {
  type AnswerOptions,
  answerOffer,
  type Capability,
  commonFormats,
  createOffer,
  type OfferOptions,
} from './offer-answer.ts';
export { MAX_FORMATS, MAX_MEDIA, MAX_SDP_LENGTH, parseSdp } from './parse.ts';
export { liteIce, MAX_PASSED_CANDIDATES, passedIce } from './passed-ice.ts';
export { settleRedundancy, withRedundancy } from './redundancy.ts';
export { type RelayOptions, relayAnswer, relayOffer, type SessionDescriptions } from './relay.ts';
export { isSecured, SECURED_DATA, SECURED_SOUND, securedSections } from './secured.ts';
export type * from './types.ts';
export { followVersion } from './version.ts';
