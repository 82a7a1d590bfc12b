// Which protocol a packet on a shared port belongs to, by its first byte (RFC 7983 §7).

/** `rtp-rtcp` is told apart by the media room (RFC 5761 §4). */
export type SharedPortProtocol = 'stun' | 'zrtp' | 'dtls' | 'turn-channel' | 'rtp-rtcp' | 'unknown';

/**
 * Classifies a packet without reading further than its first byte.
 *
 * ```
 *            +----------------+
 *            |        [0..3] -+--> STUN
 *            |      [16..19] -+--> ZRTP
 *  packet -->|      [20..63] -+--> DTLS
 *            |      [64..79] -+--> TURN ChannelData
 *            |    [128..191] -+--> RTP or RTCP
 *            +----------------+
 * ```
 *
 * @returns `unknown` for what is to be dropped and counted, an empty packet among it
 */
export function demultiplex(packet: Uint8Array): SharedPortProtocol {
  const first = packet[0];
  if (first === undefined) return 'unknown';
  if (first >= 128) return first < 192 ? 'rtp-rtcp' : 'unknown';
  if (first <= 3) return 'stun';
  if (first >= 64) return first < 80 ? 'turn-channel' : 'unknown';
  if (first >= 20) return 'dtls';
  return first >= 16 ? 'zrtp' : 'unknown';
}
