// How loud a packet is, told beside its sound: by who talks (RFC 6464), and by a mixer of those who are heard (RFC 6465).
//
// 6464: |V| level (7) |     6465: |0| level of CSRC 1 (7) |0| of CSRC 2 | ...
import type { HeaderExtension } from '../engine/types.ts';
import { byteAt } from './header.ts';
import {
  extensionBytes,
  extensionLength,
  extensionOffset,
  findRtpExtension,
  MAX_EXTENSION_BYTES,
  writeRtpExtension,
} from './header-extension.ts';

/** RFC 6464 §4. */
export const CLIENT_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
/** RFC 6465 §5. */
export const MIXER_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:csrc-audio-level';

/**
 * The ID that a negotiated extension has in packets.
 *
 * @param way - whether our packets have it, or the party's
 * @returns 0 where it was not negotiated for them
 */
export function extensionIdOf(
  extensions: readonly HeaderExtension[] | undefined,
  uri: string,
  way: 'sent' | 'received',
): number {
  const extension = extensions?.find((one) => one.uri === uri);
  if (!extension) return 0;
  const { id, direction } = extension;
  return direction === 'sendrecv' || direction === (way === 'sent' ? 'sendonly' : 'recvonly') ? id : 0;
}

const VOICE_BIT = 0x80;
const SILENCE = 127;

/**
 * What the sender says of this packet's sound (RFC 6464 §3). Only for packets that `rtpPayloadOffset` accepted.
 *
 * @param id - as SDP negotiated it for {@link CLIENT_LEVEL_URI}
 * @returns the byte, for {@link levelDbovOf} and {@link isVoice}; -1 where the packet has none
 */
export function clientLevel(bytes: Uint8Array, id: number): number {
  const found = findRtpExtension(bytes, id);
  // §3: one byte; with two-byte headers an element may have none.
  return found < 0 || extensionLength(found) === 0 ? -1 : byteAt(bytes, extensionOffset(found));
}

/** @returns -127 to 0 dBov */
export function levelDbovOf(level: number): number {
  return 0 - (level & SILENCE);
}

/** RFC 6464 §4: whether the sender took it for a voice. It means nothing where SDP says `vad=off`. */
export function isVoice(level: number): boolean {
  return (level & VOICE_BIT) !== 0;
}

/**
 * The levels of those who are heard in a packet, in the order of its CSRCs (RFC 6465 §4).
 *
 * @param id - as SDP negotiated it for {@link MIXER_LEVEL_URI}
 * @param levelsDbov - takes them: -127 to 0
 * @returns how many there are: 0 where the packet tells none
 */
export function readMixerLevels(bytes: Uint8Array, id: number, levelsDbov: Int8Array): number {
  const found = findRtpExtension(bytes, id);
  if (found < 0) return 0;
  const offset = extensionOffset(found);
  const count = Math.min(extensionLength(found), bytes[0]! & 0x0f, levelsDbov.length);
  for (let i = 0; i < count; i += 1) levelsDbov[i] = levelDbovOf(byteAt(bytes, offset + i));
  return count;
}

/** Bytes that {@link writeClientLevel} takes. */
export const CLIENT_LEVEL_BYTES = extensionBytes(1);

/**
 * Writes the level of a packet's own sound behind its header.
 *
 * @param offset - where header and CSRCs end; the payload begins {@link CLIENT_LEVEL_BYTES} behind
 */
export function writeClientLevel(
  bytes: Uint8Array,
  offset: number,
  level: { readonly id: number; readonly levelDbov: number; readonly isVoice: boolean },
): void {
  const data = writeRtpExtension(bytes, offset, { id: level.id, dataLength: 1 });
  bytes[data] = (level.isVoice ? VOICE_BIT : 0) | wireLevel(level.levelDbov);
}

/** Bytes that {@link writeMixerLevels} takes for so many levels; none where there is nobody to tell of. */
export function mixerLevelBytes(count: number): number {
  return count === 0 ? 0 : extensionBytes(Math.min(count, MAX_EXTENSION_BYTES));
}

/**
 * Writes the levels of those whom a packet lists as its CSRCs, in their order (RFC 6465 §4), behind the CSRCs.
 *
 * @param offset - where header and CSRCs end; the payload begins {@link mixerLevelBytes} behind
 * @param levelsDbov - one a CSRC
 */
export function writeMixerLevels(
  bytes: Uint8Array,
  offset: number,
  levels: { readonly id: number; readonly levelsDbov: ArrayLike<number> },
): void {
  const { id, levelsDbov } = levels;
  const count = Math.min(levelsDbov.length, MAX_EXTENSION_BYTES);
  if (count === 0) return;
  const data = writeRtpExtension(bytes, offset, { id, dataLength: count });
  for (let i = 0; i < count; i += 1) bytes[data + i] = wireLevel(levelsDbov[i] ?? -SILENCE);
}

function wireLevel(levelDbov: number): number {
  // Not a number is silence.
  return levelDbov > -SILENCE ? Math.max(0, Math.round(-levelDbov)) : SILENCE;
}
