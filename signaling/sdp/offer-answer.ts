// Offers and answers for sound that ends here (RFC 3264).
import { DecodeError } from '../../core/index.ts';
import { audioOf, audioPlaceOf } from './audio.ts';
import { effectiveDirection, intersectDirections, reverseDirection } from './direction.ts';
import {
  type ExtensionCapability,
  extensionAttributes,
  extensionsOf,
  extensionsToAnswer,
  extensionsToOffer,
} from './extensions.ts';
import { isSameFormat, isSoundFormat } from './formats.ts';
import { ownAttributes, ownAudio, ownOrigin, rejected } from './own-media.ts';
import { settleRedundancy } from './redundancy.ts';
import type { Direction, OwnMedia, PayloadFormat, SessionDescription } from './types.ts';

/** A format that we can send and receive, with our own payload type and parameters for it. */
export type Capability = PayloadFormat;

export interface OfferOptions extends OwnMedia {
  /** In order of preference. */
  readonly formats: readonly Capability[];
  /** `sendrecv` where not given. */
  readonly direction?: Direction;
  /** 20 where not given. */
  readonly ptimeMs?: number;
  /** Header extensions that we know (RFC 8285); none where not given. */
  readonly extensions?: readonly ExtensionCapability[];
  /** What else our section says, such as ICE; nothing where not given. */
  readonly attributes?: readonly string[];
  /** The last description of the session, ours or the peer's: its sections keep their number and order (§8). */
  readonly layout?: SessionDescription | undefined;
}

/** An offer of one audio section. */
export function createOffer(options: OfferOptions): SessionDescription {
  const { direction = 'sendrecv', ptimeMs, rtcpMux = true, layout } = options;
  const place = layout && audioPlaceOf(layout);
  const known = place ? extensionsOf(layout, place.line) : [];
  const audio = ownAudio(options, {
    formats: settleRedundancy(options.formats),
    direction,
    rtcpMux,
    ptimeMs,
    protocol: place?.line.protocol,
    mid: place?.line.mid,
    attributes: [
      ...extensionAttributes(extensionsToOffer(options.extensions ?? [], known)),
      ...(options.attributes ?? []),
    ],
  });
  const kept = layout?.media.map((line, index) => (index === place?.index ? audio : rejected(line))) ?? [];
  // §8.1: a new section goes behind those which the session has.
  const media = place ? kept : [...kept, audio];
  return { origin: ownOrigin(options), sessionName: '-', attributes: ownAttributes(options), media };
}

export type AnswerOptions = Omit<OfferOptions, 'layout'>;

/**
 * The answer to an offer: its first usable audio section is accepted, with the formats that both know in the
 * offerer's order and numbers (§6.1); all others are rejected.
 *
 * @returns a `DecodeError` where no sound can be agreed on: to be answered with 488
 */
export function answerOffer(
  offer: SessionDescription,
  options: AnswerOptions,
): SessionDescription | DecodeError {
  const place = audioOf(offer);
  if (!place) return new DecodeError('SDP_NO_AUDIO', 'SDP media', 'there is no audio over RTP/AVP');
  const formats = settleRedundancy(commonFormats(place.line.formats, options.formats));
  if (!formats.some(isSoundFormat)) {
    const offered = place.line.formats.map((format) => format.encoding).join(', ');
    return new DecodeError('SDP_NO_COMMON_FORMAT', 'SDP media', `none of ${offered} is known here`);
  }
  const { direction = 'sendrecv', ptimeMs, rtcpMux = true, extensions = [] } = options;
  const audio = ownAudio(options, {
    formats,
    // §6.1: what the offerer only sends, we only receive.
    direction: intersectDirections(direction, reverseDirection(effectiveDirection(place.line))),
    // RFC 5761 §5.1.1: only where it was offered.
    rtcpMux: rtcpMux && place.line.rtcpMux,
    ptimeMs: ptimeMs ?? place.line.ptimeMs,
    protocol: place.line.protocol,
    mid: place.line.mid,
    attributes: [
      ...extensionAttributes(extensionsToAnswer(extensionsOf(offer, place.line), extensions)),
      ...(options.attributes ?? []),
    ],
    answers: place.line,
  });
  return {
    origin: ownOrigin(options),
    sessionName: '-',
    attributes: ownAttributes(options),
    media: offer.media.map((line, index) => (index === place.index ? audio : rejected(line))),
  };
}

/** The formats of `theirs` that we have too: their order and payload types, our parameters. */
export function commonFormats(
  theirs: readonly PayloadFormat[],
  ours: readonly Capability[],
): PayloadFormat[] {
  const common: PayloadFormat[] = [];
  for (const format of theirs) {
    const own = ours.find((entry) => isSameFormat(entry, format));
    if (own) common.push(withOwnParameters(format, own));
  }
  const clocks = new Set(common.filter(isSoundFormat).map((format) => format.clockRateHz));
  // RFC 4733 §2.1: events have the clock of the sound that they stand between.
  const matched = common.filter((format) => isSoundFormat(format) || clocks.has(format.clockRateHz));
  // Many phones send events of 8,000 Hz beside opus of 48,000 Hz; better those than none.
  const hasEvents = matched.some((format) => format.encoding === 'telephone-event');
  return hasEvents
    ? matched
    : common.filter((format) => matched.includes(format) || format.encoding !== 'cn');
}

/**
 * §6.1: the parameters of an answer say what the answerer can receive. Events that we do not list, and the payload
 * types that RED repeats, are theirs.
 */
function withOwnParameters(format: PayloadFormat, own: Capability): PayloadFormat {
  const { payloadType, encoding, clockRateHz, channels } = format;
  const isTheirs = encoding === 'red' || (encoding === 'telephone-event' && !own.formatParameters);
  const parameters = isTheirs ? format.formatParameters : own.formatParameters;
  const bare = { payloadType, encoding, clockRateHz, channels };
  return parameters === undefined ? bare : { ...bare, formatParameters: parameters };
}
