// Our descriptions to one party that stand for what another one described: the server is in the middle of the sound.
import { DecodeError } from '../../core/index.ts';
import { audioOf, audioPlaceOf } from './audio.ts';
import { effectiveDirection, intersectDirections, reverseDirection } from './direction.ts';
import { formatsToAnswer, formatsToOffer } from './leg-formats.ts';
import type { Capability } from './offer-answer.ts';
import { ownAttributes, ownAudio, ownOrigin, rejected } from './own-media.ts';
import type { Direction, MediaDescription, OwnMedia, PayloadFormat, SessionDescription } from './types.ts';

export interface RelayOptions extends OwnMedia {
  /** What we can transcode to and from, most preferred first, events included; nothing where not given. */
  readonly transcodable?: readonly Capability[];
}

/** The last descriptions of a party's session, the party's and ours. */
export interface SessionDescriptions {
  readonly local?: SessionDescription | undefined;
  readonly remote?: SessionDescription | undefined;
}

// What tells nothing about where the other party is. Keys, sources and all that is unknown stay behind, and so does what
// is told of RTCP: each leg has its own. Candidates are told where the two may speak past us: see `passed-ice.ts`.
const PASSED_ATTRIBUTES: ReadonlySet<string> = new Set([
  'silenceSupp',
  'content',
  'label',
  'lang',
  'sdplang',
]);

/**
 * Makes the offer to one party from what the other described: our origin and address; the other's formats, packet
 * times and direction (a hold by 0.0.0.0 becomes `sendonly`), and behind them formats that we can transcode. Only the
 * first audio section that `audioOf` finds is in use; where it finds none, nothing is: answer such an offer with 488.
 *
 * @param session - of the party that is told: its sections keep their number, order and protocol, its formats their
 *   payload types (RFC 3264 §8). For the first offer the sections are those of `other`
 */
export function relayOffer(
  other: SessionDescription,
  own: RelayOptions,
  session: SessionDescriptions = {},
): SessionDescription {
  const known = [session.local, session.remote].flatMap((one) => (one ? audioFormats(one) : []));
  const formats = formatsToOffer(audioFormats(other), own.transcodable ?? [], known);
  return relayed(other, own, { formats, layout: session.remote });
}

/**
 * Makes the answer to the offer of one party from what the other described, as `relayOffer` does.
 *
 * @returns a `DecodeError` where no sound can be agreed on: to be answered with 488
 */
export function relayAnswer(
  offer: SessionDescription,
  other: SessionDescription,
  own: RelayOptions,
): SessionDescription | DecodeError {
  const formats = formatsToAnswer(audioFormats(offer), audioFormats(other), own.transcodable ?? []);
  if (formats.length === 0)
    return new DecodeError('SDP_NO_COMMON_FORMAT', 'SDP media', 'the parties share no sound');
  return relayed(other, own, { formats, layout: offer, isAnswer: true });
}

interface Relayed {
  readonly formats: readonly PayloadFormat[];
  /** The last description of the party that is told. */
  readonly layout: SessionDescription | undefined;
  readonly isAnswer?: boolean;
}

function relayed(other: SessionDescription, own: RelayOptions, options: Relayed): SessionDescription {
  const { layout = other } = options;
  const place = audioPlaceOf(layout);
  const line = audioOf(other)?.line;
  const audio = place && line && options.formats.length > 0 && relayedAudio(line, own, options);
  const media = layout.media.map((line, index) => (index === place?.index && audio ? audio : rejected(line)));
  return { origin: ownOrigin(own), sessionName: '-', attributes: ownAttributes(own), media };
}

function relayedAudio(other: MediaDescription, own: RelayOptions, options: Relayed): MediaDescription {
  const { rtcpMux = true } = own;
  const place = options.layout && audioPlaceOf(options.layout)?.line;
  return ownAudio(own, {
    formats: options.formats,
    direction: directionTold(other, options.isAnswer ? place : undefined),
    // RFC 5761 §5.1.1: offered to whom we have not heard of yet, afterwards only where they took part in it.
    rtcpMux: rtcpMux && (place?.rtcpMux ?? true),
    protocol: place?.protocol ?? other.protocol,
    ptimeMs: other.ptimeMs,
    maxptimeMs: other.maxptimeMs,
    mid: place?.mid,
    answers: options.isAnswer ? place : undefined,
    attributes: other.attributes.filter((text) => PASSED_ATTRIBUTES.has(text.split(':', 1)[0] ?? '')),
  });
}

/** RFC 3264 §6.1: an answer allows no more than its offer did. */
function directionTold(other: MediaDescription, offer: MediaDescription | undefined): Direction {
  const direction = effectiveDirection(other);
  return offer ? intersectDirections(direction, reverseDirection(effectiveDirection(offer))) : direction;
}

function audioFormats(description: SessionDescription): readonly PayloadFormat[] {
  return audioOf(description)?.line.formats ?? [];
}
