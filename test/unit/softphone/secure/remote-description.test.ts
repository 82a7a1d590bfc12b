import { describe, expect, it } from 'vitest';
import { remoteAnswerOf, remoteOfferOf } from '../../../../softphone/secure/remote-description.ts';

const HOST = 'candidate:1 1 UDP 2114977791 192.168.0.7 52650 typ host';
const OUTSIDE = 'a=candidate:2 1 UDP 1678769919 203.0.113.7 52650 typ srflx raddr 192.168.0.7 rport 52650';

const OFFER = [
  'v=0',
  'a=group:BUNDLE audio 0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 0',
  'a=mid:audio',
  'a=setup:actpass',
  `a=${HOST}`,
  OUTSIDE,
  'a=end-of-candidates',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'a=mid:0',
  `a=${HOST}`,
  '',
];

describe.each(['\r\n', '\n'])('with lines that end with %j', (end) => {
  it('remoteAnswerOf() leaves out the end of candidates, before which the package would give up', () => {
    const lines = remoteAnswerOf(OFFER.join(end)).split(end);
    expect(lines).toEqual(OFFER.filter((line) => line !== 'a=end-of-candidates'));
  });

  it('remoteOfferOf() holds back the candidates of hosts, where far ends are near, and no others', () => {
    const { sdp, held } = remoteOfferOf(OFFER.join(end));
    const isKept = (line: string) => line !== 'a=end-of-candidates' && line !== `a=${HOST}`;
    expect(sdp.split(end)).toEqual(OFFER.filter(isKept));
    expect(held).toEqual([
      { text: HOST, mid: 'audio' },
      { text: HOST, mid: '0' },
    ]);
  });
});

describe('remoteOfferOf()', () => {
  it('leaves candidates where they are that have no section to be told of later', () => {
    const offer = `m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=${HOST}\r\n`;
    expect(remoteOfferOf(offer)).toEqual({ sdp: offer, held: [] });
  });
});
