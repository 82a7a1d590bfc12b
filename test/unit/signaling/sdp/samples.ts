// Descriptions that several tests of this folder use.
import { DecodeError } from '../../../../core/index.ts';
import { type OwnMedia, parseSdp, type SessionDescription } from '../../../../signaling/sdp/index.ts';

/** Reads a description in which nothing is wrong. */
export function description(lines: readonly string[]): SessionDescription {
  const parsed = parseSdp(`${lines.join('\r\n')}\r\n`);
  if (parsed instanceof DecodeError) throw new Error(String(parsed));
  return parsed;
}

/** A phone with Opus, G.711 and events, which also wants video. */
export const PHONE_LINES: readonly string[] = [
  'v=0',
  'o=alice 2890844526 2890844526 IN IP4 192.0.2.10',
  's=Phone',
  'c=IN IP4 192.0.2.10',
  't=0 0',
  'a=group:BUNDLE 0 1',
  'm=audio 49170 RTP/AVP 96 0 8 101',
  'a=rtpmap:96 opus/48000/2',
  'a=fmtp:96 useinbandfec=1',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-16',
  'a=ptime:20',
  'a=mid:0',
  'a=rtcp-mux',
  'a=candidate:1 1 UDP 2113667327 192.0.2.10 49170 typ host',
  'a=ice-ufrag:abcd',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR',
  'a=ssrc:123 cname:alice@192.0.2.10',
  'a=label:10',
  'a=sendrecv',
  'm=video 51372 RTP/AVP 99',
  'a=rtpmap:99 H264/90000',
  'a=mid:1',
];

/** Our end of a session. */
export const OWN: OwnMedia = {
  address: '198.51.100.1',
  rtpPort: 10_000,
  rtcpPort: 10_001,
  sessionId: '77',
  version: 3,
};
