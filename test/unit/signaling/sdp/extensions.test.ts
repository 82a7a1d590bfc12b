import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  answerOffer,
  createOffer,
  type ExtensionCapability,
  extensionsOf,
  formatSdp,
  negotiated,
  parseSdp,
  relayAnswer,
  relayOffer,
  type SessionDescription,
} from '../../../../signaling/sdp/index.ts';

const PCMU = { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 };
const OWN = {
  address: '192.0.2.1',
  rtpPort: 10_000,
  rtcpPort: 10_001,
  sessionId: '1',
  version: 1,
  formats: [PCMU],
};
const CLIENT = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
const MIXER = 'urn:ietf:params:rtp-hdrext:csrc-audio-level';
const PHONE: readonly ExtensionCapability[] = [
  { uri: CLIENT, direction: 'sendonly' },
  { uri: MIXER, direction: 'recvonly' },
];
const ROOM: readonly ExtensionCapability[] = [
  { uri: CLIENT, direction: 'recvonly' },
  { uri: MIXER, direction: 'sendonly' },
];

function described(value: SessionDescription | DecodeError): SessionDescription {
  if (value instanceof DecodeError) throw new Error(value.reason);
  return value;
}

/** Over the wire and back. */
const sent = (description: SessionDescription) => described(parseSdp(formatSdp(description)));
const listOf = (description: SessionDescription) => {
  const [line] = description.media;
  return line ? extensionsOf(description, line) : [];
};
const phoneOffer = (changes = {}) => sent(createOffer({ ...OWN, extensions: PHONE, ...changes }));

function withLines(...lines: readonly string[]): SessionDescription {
  const [line] = createOffer(OWN).media;
  if (!line) throw new Error('there is one');
  return sent({ ...createOffer(OWN), media: [{ ...line, attributes: lines }] });
}

describe('extmap (RFC 8285)', () => {
  it('is offered with numbers and directions of our own', () => {
    expect(formatSdp(phoneOffer())).toContain(`a=extmap:1/sendonly ${CLIENT}\r\n`);
    expect(formatSdp(phoneOffer())).toContain(`a=extmap:2/recvonly ${MIXER}\r\n`);
    expect(formatSdp(createOffer(OWN))).not.toContain('extmap');
  });

  it('is answered under the number of the offer, for what both know', () => {
    const offer = withLines(
      `extmap:7/sendonly ${CLIENT} vad=on`,
      'extmap:3 urn:unknown',
      `extmap:9 ${MIXER}`,
    );
    const answer = sent(described(answerOffer(offer, { ...OWN, extensions: ROOM })));
    expect(listOf(answer)).toEqual([
      { id: 7, uri: CLIENT, direction: 'recvonly' },
      { id: 9, uri: MIXER, direction: 'sendonly' },
    ]);
    expect(negotiated(answer, offer)?.remote.extensions).toEqual(listOf(answer));
  });

  it('is agreed on by both sides alike', () => {
    const offer = phoneOffer();
    const answer = sent(described(answerOffer(offer, { ...OWN, extensions: ROOM })));
    expect(negotiated(offer, answer)?.remote.extensions).toEqual([
      { id: 1, uri: CLIENT, direction: 'sendonly' },
      { id: 2, uri: MIXER, direction: 'recvonly' },
    ]);
  });

  it('is left out of an answer where both only send, or only read', () => {
    const answer = sent(described(answerOffer(phoneOffer(), { ...OWN, extensions: PHONE })));
    expect(listOf(answer)).toEqual([]);
    expect(negotiated(phoneOffer(), answer)?.remote).not.toHaveProperty('extensions');
  });

  it('is not agreed on by an answer that has it under another number', () => {
    const answer = withLines(`extmap:2 ${CLIENT}`, `extmap:1 ${MIXER}`);
    expect(negotiated(phoneOffer(), answer)?.remote.extensions).toBeUndefined();
  });

  it.each([
    { name: 'a number that needs two bytes of header', line: `extmap:15 ${CLIENT}` },
    { name: 'a number to be chosen by the answerer', line: `extmap:4096 ${CLIENT}` },
    { name: 'the number of padding', line: `extmap:0 ${CLIENT}` },
    { name: 'no number', line: `extmap:x ${CLIENT}` },
    { name: 'no URI', line: 'extmap:1' },
    { name: 'a direction that is none', line: `extmap:1/both ${CLIENT}` },
    { name: 'inactive', line: `extmap:1/inactive ${CLIENT}` },
  ])('is not agreed on where the offer has $name', ({ line }) => {
    const offer = withLines(line);
    const answer = described(answerOffer(offer, { ...OWN, extensions: ROOM }));
    expect(negotiated(answer, offer)?.remote.extensions).toBeUndefined();
  });

  it('takes the first of two under one number, and of two with one URI', () => {
    const offer = withLines(`extmap:1 ${CLIENT}`, `extmap:1 ${MIXER}`, `extmap:4 ${CLIENT}`);
    expect(listOf(offer)).toEqual([{ id: 1, uri: CLIENT, direction: 'sendrecv' }]);
  });

  it('of the session holds for its sections', () => {
    const offer: SessionDescription = { ...createOffer(OWN), attributes: [`extmap:5 ${CLIENT}`] };
    expect(listOf(sent(offer))).toEqual([{ id: 5, uri: CLIENT, direction: 'sendrecv' }]);
  });

  it('keeps its numbers when we offer anew, whoever chose them', () => {
    const offer = withLines(`extmap:2 ${CLIENT}`, `extmap:1 ${MIXER}`);
    const answer = described(answerOffer(offer, { ...OWN, extensions: ROOM }));
    const again = createOffer({ ...OWN, extensions: ROOM, layout: answer });
    expect(listOf(again).map(({ id, uri }) => [id, uri])).toEqual([
      [2, CLIENT],
      [1, MIXER],
    ]);
  });

  it('gives a new extension a number that no other has had', () => {
    const first = createOffer({ ...OWN, extensions: [{ uri: MIXER }] });
    const second = createOffer({ ...OWN, extensions: [{ uri: CLIENT }, { uri: MIXER }], layout: first });
    expect(listOf(second).map(({ id, uri }) => [id, uri])).toEqual([
      [2, CLIENT],
      [1, MIXER],
    ]);
  });

  it('of one party is never told to another: a relay has none', () => {
    const offer = phoneOffer();
    const other = withLines(`extmap:1 ${MIXER}`);
    expect(formatSdp(relayOffer(offer, OWN))).not.toContain('extmap');
    expect(formatSdp(described(relayAnswer(offer, other, OWN)))).not.toContain('extmap');
  });
});
