import { describe, expect, it } from 'vitest';
import { DecodeError, SeededRandom } from '../../../core/index.ts';
import { opusDescription, pcmaDescription, pcmuDescription } from '../../../media/index.ts';
import { Negotiation } from '../../../softphone/negotiation.ts';
import { FakePath, HOST } from './fake-path.ts';

const make = (
  rtpPort: number,
  codecs = [opusDescription, pcmuDescription, pcmaDescription],
  redundancy?: 'off',
) =>
  new Negotiation({
    codecs,
    redundancy,
    place: { address: '192.0.2.1', rtpPort, rtcpPort: rtpPort + 1 },
    random: new SeededRandom(rtpPort),
  });

async function answerOf(
  negotiation: Negotiation,
  offer: string,
  direction: 'sendrecv' | 'sendonly' = 'sendrecv',
) {
  const answer = await negotiation.answer(offer, direction);
  if (answer instanceof DecodeError) throw new Error(answer.reason);
  return answer;
}

function agreedBy(negotiation: Negotiation, answer: string) {
  const agreed = negotiation.accept(answer);
  if (agreed instanceof DecodeError) throw new Error(agreed.reason);
  return agreed;
}

/** A description with these payload types. */
function offering(payloadTypes: string, ...attributes: readonly string[]): string {
  const lines = ['v=0', 'o=- 1 1 IN IP4 192.0.2.9', 's=-', 'c=IN IP4 192.0.2.9', 't=0 0'];
  return [...lines, `m=audio 4000 RTP/AVP ${payloadTypes}`, ...attributes, ''].join('\r\n');
}

const version = (sdp: string) => /^o=\S+ \d+ (\d+) /m.exec(sdp)?.[1];

describe('Negotiation', () => {
  it('offers Opus, PCMU, PCMA, telephone-event, comfort noise and RED, as every phone reads them', () => {
    const sdp = make(4000).offer('sendrecv');
    expect(sdp).toMatch(/^m=audio 4000 RTP\/AVP 111 0 8 101 13 121 122\r$/m);
    expect(sdp).toMatch(/^a=rtpmap:111 opus\/48000\/2\r$/m);
    expect(sdp).toMatch(/^a=fmtp:111 useinbandfec=1\r$/m);
    expect(sdp).toMatch(/^a=rtpmap:101 telephone-event\/8000\r$/m);
    expect(sdp).toMatch(/^a=fmtp:101 0-15\r$/m);
    expect(sdp).toMatch(/^a=fmtp:121 111\/111\r$/m);
    expect(sdp).toMatch(/^a=rtpmap:13 CN\/8000\r$/m);
    expect(make(4000, [opusDescription]).offer('sendrecv')).not.toContain('CN');
    expect(make(4000, undefined, 'off').offer('sendrecv')).not.toContain('red');
  });

  it('agrees on the first codec of the offer that both have', async () => {
    const alice = make(4000);
    const bob = make(5000, [pcmaDescription, opusDescription]);
    const answer = await answerOf(bob, alice.offer('sendrecv'));
    const agreed = agreedBy(alice, answer.sdp);
    expect(agreed.sendFormats.map((format) => format.encoding)).toEqual([
      'opus',
      'pcma',
      'telephone-event',
      'cn',
      'red',
    ]);
    expect(answer.agreed.remote.rtp).toEqual({ address: '192.0.2.1', port: 4000 });
    expect(agreed.remote.rtp.port).toBe(5000);
    expect([agreed.remote.direction, answer.agreed.remote.direction]).toEqual(['sendrecv', 'sendrecv']);
  });

  it('answers 488 where no codec is shared, or the offer cannot be read', async () => {
    const alice = make(4000, [pcmaDescription]);
    expect(await make(5000, [pcmuDescription]).answer(alice.offer('sendrecv'), 'sendrecv')).toBeInstanceOf(
      DecodeError,
    );
    for (const offer of ['', 'v=0', 'nonsense\r\n', 'm=audio x']) {
      expect(await make(5000).answer(offer, 'sendrecv')).toBeInstanceOf(DecodeError);
    }
    expect(make(5000).accept(alice.offer('sendrecv'))).toBeInstanceOf(DecodeError);
  });

  it.each([
    { offered: 'sendonly', wanted: 'sendrecv', offerer: 'sendonly', answerer: 'recvonly' },
    { offered: 'sendonly', wanted: 'sendonly', offerer: 'inactive', answerer: 'inactive' },
    { offered: 'sendrecv', wanted: 'sendonly', offerer: 'recvonly', answerer: 'sendonly' },
  ] as const)(
    'hold: $offered meets $wanted (RFC 3264 §6.1)',
    async ({ offered, wanted, offerer, answerer }) => {
      const alice = make(4000);
      const answer = await answerOf(make(5000), alice.offer(offered), wanted);
      expect(answer.agreed.remote.direction).toBe(answerer);
      expect(agreedBy(alice, answer.sdp).remote.direction).toBe(offerer);
    },
  );

  it('keeps its version where nothing changed, and raises it where something did (RFC 3264 §8)', () => {
    const alice = make(4000);
    const [first, same, changed] = [
      alice.offer('sendrecv'),
      alice.offer('sendrecv'),
      alice.offer('sendonly'),
    ];
    expect(same).toBe(first);
    expect(Number(version(changed))).toBe(Number(version(first)) + 1);
  });

  it('changes the meaning of no payload type that the far end has used (RFC 3264 §8.3.2)', async () => {
    const phone = make(5000);
    await answerOf(phone, offering('96 121', 'a=rtpmap:96 opus/48000/2', 'a=rtpmap:121 G7221/16000'));
    const hold = phone.offer('sendonly');
    expect(hold).toMatch(/^a=rtpmap:96 opus\/48000\/2\r$/m);
    expect(hold).not.toMatch(/^a=rtpmap:121 /m);
    expect(hold).toMatch(/^a=fmtp:97 96\/96\r$/m);
  });

  it('takes an answer of digits alone for no agreement', () => {
    const phone = make(4000);
    phone.offer('sendrecv');
    expect(phone.accept(offering('101', 'a=rtpmap:101 telephone-event/8000'))).toMatchObject({
      code: 'SDP_NO_COMMON_FORMAT',
    });
  });
});

describe('Negotiation with ICE (RFC 8839)', () => {
  const withIce = (port = HOST.port) => {
    const ice = new FakePath();
    const place = { address: HOST.address, rtpPort: port, rtcpPort: port + 1 };
    const random = new SeededRandom(1);
    return { ice, negotiation: new Negotiation({ codecs: [pcmuDescription], place, random, ice }) };
  };
  const ufrag = (sdp: string) => /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];
  const offerOf = (name: string, ...more: readonly string[]) =>
    offering(
      '0',
      `a=ice-ufrag:${name}`,
      'a=ice-pwd:password of 22 bytes00'.replaceAll(' ', '+'),
      'a=candidate:1 1 UDP 2130706431 192.0.2.9 4000 typ host',
      ...more,
    );

  it('offers credentials and candidates, the same with every offer (§4.4.1)', () => {
    const { negotiation } = withIce();
    const first = negotiation.offer('sendrecv');
    expect(first).toMatch(/^a=candidate:1 1 UDP 2130706431 10\.0\.0\.2 4000 typ host\r$/m);
    expect(first).toMatch(/^a=ice-options:ice2\r$/m);
    expect(first).toMatch(/^a=rtcp-mux\r$/m);
    expect(ufrag(negotiation.offer('sendonly'))).toBe(ufrag(first));
  });

  it('agrees on it where both have it', async () => {
    const { negotiation: alice } = withIce();
    const { negotiation: bob } = withIce();
    const answer = await answerOf(bob, alice.offer('sendrecv'));
    expect(answer.agreed.ice?.credentials.ufrag).toBe('u0001');
    expect(agreedBy(alice, answer.sdp)).toMatchObject({ ice: { candidates: [{ endpoint: HOST }] } });
  });

  it('does without where the far end or we have none, and offers it again all the same', async () => {
    const { negotiation: alice } = withIce();
    const answer = await answerOf(make(5000), alice.offer('sendrecv'));
    expect(answer.agreed.ice).toBeUndefined();
    expect(ufrag(answer.sdp)).toBeUndefined();
    expect(agreedBy(alice, answer.sdp).ice).toBeUndefined();
    expect(ufrag((await answerOf(alice, offering('0'))).sdp)).toBeUndefined();
    expect(ufrag(alice.offer('sendonly'))).toBe('u0001');
  });

  it('answers a mismatch with a=ice-mismatch and without ICE (§4.2.5)', async () => {
    const { negotiation } = withIce();
    const answer = await answerOf(negotiation, offerOf('peer').replace('m=audio 4000', 'm=audio 30000'));
    expect(answer.sdp).toMatch(/^a=ice-mismatch\r$/m);
    expect([ufrag(answer.sdp), answer.agreed.ice]).toEqual([undefined, undefined]);
  });

  it('answers new credentials with new ones, and the same with the same (§4.4.3.1.1)', async () => {
    const { negotiation } = withIce();
    const ufrags: (string | undefined)[] = [];
    for (const name of ['peer', 'peer', 'anew', 'anew']) {
      ufrags.push(ufrag((await answerOf(negotiation, offerOf(name))).sdp));
    }
    expect(ufrags).toEqual(['u0001', 'u0001', 'u0002', 'u0002']);
  });

  it('keeps its credentials where the offer is refused, and where an answer of another fork has its own', async () => {
    const { negotiation } = withIce();
    await answerOf(negotiation, offerOf('peer'));
    expect(
      await negotiation.answer(offerOf('anew').replace('RTP/AVP 0', 'RTP/AVP 8'), 'sendrecv'),
    ).toBeInstanceOf(DecodeError);
    const offer = negotiation.offer('sendrecv');
    expect(agreedBy(negotiation, offerOf('fork')).ice?.credentials.ufrag).toBe('fork');
    expect(ufrag(negotiation.offer('sendrecv'))).toBe(ufrag(offer));
  });
});
