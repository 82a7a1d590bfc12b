// What offer and answer have agreed on, whoever made which.
import { audioOf, remoteMediaOf } from './audio.ts';
import { effectiveDirection, intersectDirections, reverseDirection } from './direction.ts';
import { extensionsOf, sharedExtensions } from './extensions.ts';
import { isSameFormat, isSoundFormat } from './formats.ts';
import { settleRedundancy } from './redundancy.ts';
import type { HeaderExtension, PayloadFormat, RemoteMedia, SessionDescription } from './types.ts';

/** The sound of a session from our view. */
export interface NegotiatedMedia {
  /** Where to send to; `direction` says what we do, `formats` are those of `sendFormats`. */
  readonly remote: RemoteMedia;
  /** What we may send, most preferred first, with the payload types that the peer expects (RFC 3264 §5.1). */
  readonly sendFormats: readonly PayloadFormat[];
  /** What may come in, with the payload types that we told. */
  readonly receiveFormats: readonly PayloadFormat[];
}

/**
 * @param local - our last description, offer or answer
 * @param remote - the peer's
 * @returns undefined where they agree on no sound
 */
export function negotiated(
  local: SessionDescription,
  remote: SessionDescription,
): NegotiatedMedia | undefined {
  const own = audioOf(local)?.line;
  const theirs = own && remoteMediaOf(remote, { rtcpMux: own.rtcpMux });
  if (!theirs) return undefined;
  const sendFormats = sharedFormats(theirs.formats, own.formats);
  if (!sendFormats.some(isSoundFormat)) return undefined;
  const receiveFormats = sharedFormats(own.formats, theirs.formats);
  const direction = intersectDirections(effectiveDirection(own), reverseDirection(theirs.direction));
  const extensions = agreedExtensions(local, remote);
  const media = { ...theirs, formats: sendFormats, direction };
  return {
    remote: extensions.length > 0 ? { ...media, extensions } : media,
    sendFormats,
    receiveFormats,
  };
}

function agreedExtensions(local: SessionDescription, remote: SessionDescription): readonly HeaderExtension[] {
  const [own, theirs] = [audioOf(local), audioOf(remote)];
  if (!own || !theirs) return [];
  return sharedExtensions(extensionsOf(local, own.line), extensionsOf(remote, theirs.line));
}

/** Those of the first that the second has, too, as the first numbers them. */
function sharedFormats(
  formats: readonly PayloadFormat[],
  others: readonly PayloadFormat[],
): readonly PayloadFormat[] {
  return settleRedundancy(formats.filter((format) => others.some((entry) => isSameFormat(entry, format))));
}
