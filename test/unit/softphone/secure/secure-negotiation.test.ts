import { describe, expect, test } from 'vitest';
import { DecodeError, SeededRandom } from '../../../../core/index.ts';
import { parseSdp, type SessionDescription } from '../../../../signaling/index.ts';
import { Negotiation } from '../../../../softphone/negotiation.ts';
import { SecureNegotiation } from '../../../../softphone/secure/secure-negotiation.ts';
import { securedOfferOf } from '../../../../softphone/secure/secured-offer.ts';

/** As node-datachannel 0.33.4 describes itself. */
function packageSdp(name: string, setup: string): string {
  const transport = [`a=setup:${setup}`, `a=ice-ufrag:${name}`, 'a=ice-pwd:a7NQ5yUS2RnlXZLpKwLXlJ'];
  return [
    'v=0',
    'o=rtc 1399030578 0 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE audio 0',
    'a=group:LS audio',
    'a=msid-semantic:WMS *',
    'a=ice-options:ice2,trickle',
    'a=fingerprint:sha-256 25:A6',
    'm=audio 52650 UDP/TLS/RTP/SAVPF 0',
    'c=IN IP4 192.0.2.2',
    'a=mid:audio',
    'a=sendrecv',
    'a=ssrc:1234 cname:x',
    'a=rtcp-mux',
    'a=rtpmap:0 PCMU/8000',
    ...transport,
    'a=candidate:1 1 UDP 2114977791 192.0.2.2 52650 typ host',
    'a=end-of-candidates',
    'm=application 52650 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 192.0.2.2',
    'a=mid:0',
    'a=sendrecv',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
    ...transport,
    '',
  ].join('\r\n');
}

function side(name: string, setup: string) {
  const accepted: string[] = [];
  const description = parsed(packageSdp(name, setup));
  const plain = new Negotiation({
    codecs: [{ encoding: 'pcmu', clockRateHz: 8000, channels: 1, payloadType: 0, sampleRateHz: 8000 }],
    place: { address: '192.0.2.2', rtpPort: 52_650, rtcpPort: 52_650 },
    random: new SeededRandom(1),
    redundancy: 'off',
  });
  const path = { description, accept: (sdp: string) => void accepted.push(sdp) };
  return { negotiation: new SecureNegotiation(plain, path), accepted };
}

function parsed(sdp: string): SessionDescription {
  const description = parseSdp(sdp);
  if (description instanceof DecodeError) throw new Error(description.toString());
  return description;
}

describe('SecureNegotiation', () => {
  test('describes sound as ever, on the path of the package, and data beside it', () => {
    const { negotiation } = side('alice', 'actpass');
    const offer = parsed(negotiation.offer('sendrecv'));
    expect(offer.media.map(({ kind, protocol, mid, port }) => [kind, protocol, mid, port])).toEqual([
      ['audio', 'UDP/TLS/RTP/SAVPF', 'audio', 52_650],
      ['application', 'UDP/DTLS/SCTP', '0', 52_650],
    ]);
    const [sound, data] = offer.media;
    expect(sound?.formats.map(({ encoding }) => encoding)).toEqual(['pcmu', 'telephone-event', 'cn']);
    expect(sound).toMatchObject({ rtcpMux: true, rtcp: undefined, direction: 'sendrecv' });
    expect(sound?.attributes).toEqual(
      expect.arrayContaining(['setup:actpass', 'ice-ufrag:alice', 'end-of-candidates']),
    );
    expect([...offer.attributes, ...(sound?.attributes ?? [])].join()).not.toMatch(/ssrc:|group:LS/);
    expect(offer.attributes).toEqual(
      expect.arrayContaining(['group:BUNDLE audio 0', 'fingerprint:sha-256 25:A6']),
    );
    expect(data?.attributes).toContain('sctp-port:5000');
  });

  test('agrees, holds and resumes, on one and the same path', async () => {
    const [alice, bob] = [side('alice', 'actpass'), side('bob', 'passive')];
    for (const direction of ['sendrecv', 'sendonly', 'sendrecv'] as const) {
      const answer = await bob.negotiation.answer(alice.negotiation.offer(direction), 'sendrecv');
      if (answer instanceof DecodeError) throw new Error(answer.toString());
      expect(answer.agreed.remote.direction).toBe(direction === 'sendonly' ? 'recvonly' : 'sendrecv');
      expect(answer.agreed.remote).toMatchObject({
        rtcpMux: true,
        rtp: { address: '192.0.2.2', port: 52_650 },
      });
      expect(answer.sdp).toContain('a=setup:passive');
      const agreed = alice.negotiation.accept(answer.sdp);
      if (agreed instanceof DecodeError) throw new Error(agreed.toString());
      expect(agreed.remote.direction).toBe(direction);
    }
    expect(alice.accepted).toHaveLength(3);
    expect(new Set(alice.accepted.map((sdp) => /ice-ufrag:\w+/.exec(sdp)?.[0]))).toEqual(
      new Set(['ice-ufrag:bob']),
    );
  });

  test('wants all of it secured', async () => {
    const plain = packageSdp('x', 'actpass').replace('UDP/TLS/RTP/SAVPF', 'RTP/AVP');
    const { negotiation, accepted } = side('bob', 'passive');
    expect(await negotiation.answer(plain, 'sendrecv')).toBeInstanceOf(DecodeError);
    expect(negotiation.accept(plain)).toBeInstanceOf(DecodeError);
    expect(accepted).toEqual([]);
  });
});

describe('securedOfferOf()', () => {
  const whole = packageSdp('x', 'actpass');
  test.each([
    { name: 'sound and data', sdp: whole, expected: { hasSound: true } },
    { name: 'data alone', sdp: whole.replace('m=audio 52650', 'm=audio 0'), expected: { hasSound: false } },
    {
      name: 'sound that is not secured',
      sdp: whole.replace('UDP/TLS/RTP/SAVPF', 'RTP/AVP'),
      expected: undefined,
    },
    { name: 'nothing', sdp: undefined, expected: undefined },
    { name: 'nonsense', sdp: 'v=1', expected: undefined },
  ])('$name', ({ sdp, expected }) => {
    expect(securedOfferOf(sdp)).toEqual(expected);
  });
});
