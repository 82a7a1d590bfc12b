// Our description to one party that stands for what another one described: the server is in the middle of the sound.
import { audioOf, audioPlaceOf } from './audio.ts';
import { effectiveDirection } from './direction.ts';
import { ownAudio, ownOrigin, rejected } from './own-media.ts';
import type { MediaDescription, OwnMedia, SessionDescription } from './types.ts';

export interface RelayOptions extends OwnMedia {
  /** Encodings that may pass, lower case; all where not given. */
  readonly keepEncodings?: readonly string[];
}

// What tells nothing about where the other party is. Keys, candidates, sources and all that is unknown stay behind.
const PASSED_ATTRIBUTES: ReadonlySet<string> = new Set([
  'rtcp-fb',
  'silenceSupp',
  'content',
  'label',
  'lang',
  'sdplang',
]);

/**
 * Makes the description for one party from what the other described: our origin and address; the other's formats,
 * payload types, packet times and direction (a hold by 0.0.0.0 becomes `sendonly`). Only the first audio section that
 * `audioOf` finds is in use; where it finds none, nothing is: answer such an offer with 488 instead.
 *
 * @param layout - the last description of the party that is told: its sections keep their number, order and protocol
 *   (RFC 3264 §6, §8). Those of `other` where not given
 */
export function relayDescription(
  other: SessionDescription,
  own: RelayOptions,
  layout?: SessionDescription,
): SessionDescription {
  const place = audioPlaceOf(layout ?? other);
  const audio = place && relayedAudio(audioOf(other)?.line, own, layout && place.line);
  const media = (layout ?? other).media.map((line, index) =>
    index === place?.index && audio ? audio : rejected(line),
  );
  return { origin: ownOrigin(own), sessionName: '-', attributes: [], media };
}

/** @param place - the section of the party that is told, where it has one already */
function relayedAudio(
  other: MediaDescription | undefined,
  own: RelayOptions,
  place: MediaDescription | undefined,
): MediaDescription | undefined {
  const { keepEncodings, rtcpMux = true } = own;
  const formats = other?.formats.filter(({ encoding }) => keepEncodings?.includes(encoding) ?? true) ?? [];
  if (!other || formats.length === 0) return undefined;
  return ownAudio(own, {
    formats,
    direction: effectiveDirection(other),
    // RFC 5761 §5.1.1: offered to whom we have not heard of yet, afterwards only where they took part in it.
    rtcpMux: rtcpMux && (place?.rtcpMux ?? true),
    protocol: place?.protocol ?? other.protocol,
    ptimeMs: other.ptimeMs,
    maxptimeMs: other.maxptimeMs,
    mid: place?.mid,
    attributes: other.attributes.filter((text) => PASSED_ATTRIBUTES.has(text.split(':', 1)[0] ?? '')),
  });
}
