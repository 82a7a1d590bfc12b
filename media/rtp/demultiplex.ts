// What came to a media port, by its first two bytes (RFC 7983 §7, RFC 5761 §4).
import { byteAt } from './header.ts';

export type MediaPacketKind = 'rtp' | 'rtcp' | 'stun' | 'other';

/**
 * Tells RTP, RTCP and STUN apart. DTLS, ZRTP, TURN channels and what is too short to tell are `other`.
 * `rtp` and `rtcp` say what the packet claims to be; their decoders check it.
 */
export function demultiplexMedia(bytes: Uint8Array): MediaPacketKind {
  if (bytes.length < 2) return 'other';
  const first = byteAt(bytes, 0);
  if (first >= 128 && first <= 191) {
    // RFC 5761 §4: payload types 64 to 95 are never used for RTP where it shares a port with RTCP.
    const payloadType = byteAt(bytes, 1) & 0x7f;
    return payloadType >= 64 && payloadType <= 95 ? 'rtcp' : 'rtp';
  }
  // RFC 8489 §5: a STUN message has a header of 20 bytes.
  return first <= 3 && bytes.length >= 20 ? 'stun' : 'other';
}
