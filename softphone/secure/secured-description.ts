// Between the descriptions of plain calls and those of secured ones: sound is negotiated in the same way, its path is not.
import { DecodeError, invariant } from '../../core/index.ts';
import {
  formatSdp,
  isSecured,
  type MediaDescription,
  parseSdp,
  type SessionDescription,
  securedSections,
} from '../../signaling/index.ts';

/** Sources and streams of browsers: with one section of sound nobody needs them (RFC 8843 §9.2). */
const LEFT_OUT = /^(?:ssrc|msid|extmap|rtcp-xr|rtcp-fb|group:LS)\b/;

/** What a secured description says of sound, as if it went over plain RTP. */
export function plainDescription(sdp: string): SessionDescription | DecodeError {
  const description = parseSdp(sdp);
  if (description instanceof DecodeError) return description;
  const { sound } = securedSections(description);
  if (!sound || !isSecured(description)) {
    return new DecodeError('SDP_NOT_SECURED', 'SDP media', 'there is no sound that is secured by DTLS');
  }
  // RFC 5761 §5.1.3: both share the one association.
  const line = { ...sound, protocol: 'RTP/AVP', rtcpMux: true, rtcp: undefined };
  return { ...description, attributes: [], media: [line] };
}

/**
 * A description of sound alone, made into one of the whole association.
 *
 * @param plainSdp - ours, of one section of sound
 * @param path - what the package describes: candidates, keys, and its sections in their order
 */
export function securedDescription(plainSdp: string, path: SessionDescription): string {
  const plain = parseSdp(plainSdp);
  invariant(!(plain instanceof DecodeError), 'we can read what we wrote');
  const [sound] = plain.media;
  invariant(sound, 'we described sound');
  const media = path.media.map((line) => (line.kind === 'audio' ? securedSound(sound, line) : line));
  const attributes = path.attributes.filter((text) => !LEFT_OUT.test(text));
  return formatSdp({ ...plain, attributes, media });
}

function securedSound(sound: MediaDescription, path: MediaDescription): MediaDescription {
  const { formats, formatList, direction, ptimeMs, maxptimeMs } = sound;
  const attributes = [...path.attributes.filter((text) => !LEFT_OUT.test(text)), ...sound.attributes];
  return { ...path, formats, formatList, direction, ptimeMs, maxptimeMs, attributes };
}
