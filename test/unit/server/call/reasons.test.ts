import { expect, test } from 'vitest';
import { REASONS, reasonOfOffer } from '../../../../server/call/reasons.ts';

const offer = (...media: readonly string[]) =>
  ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...media, ''].join('\r\n');

test.for([
  { name: 'keys in SDP', text: offer('m=audio 4000 RTP/SAVP 0'), reason: REASONS.encryptedOffer },
  { name: 'keys by DTLS', text: offer('m=audio 4000 UDP/TLS/RTP/SAVPF 0'), reason: REASONS.encryptedOffer },
  { name: 'pictures alone', text: offer('m=video 4000 RTP/AVP 96'), reason: REASONS.noAudio },
  { name: 'audio that is put away', text: offer('m=audio 0 RTP/SAVP 0'), reason: REASONS.noAudio },
  { name: 'nonsense', text: 'hello', reason: REASONS.noAudio },
])('an offer of $name', ({ text, reason }) => {
  expect(reasonOfOffer(text)).toBe(reason);
});
