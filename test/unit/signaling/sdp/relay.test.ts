import { describe, expect, test } from 'vitest';
import { formatSdp, parseSdp, relayDescription } from '../../../../signaling/sdp/index.ts';
import { description, OWN, PHONE_LINES } from './samples.ts';

const phone = description(PHONE_LINES);

describe('relayDescription()', () => {
  test('stands for the other party at our address, with its formats and numbers', () => {
    const relayed = relayDescription(phone, OWN);
    const [audio] = relayed.media;
    expect(relayed.origin).toEqual({ username: '-', sessionId: '77', version: '3', address: '198.51.100.1' });
    expect(audio).toMatchObject({
      port: 10_000,
      address: '198.51.100.1',
      direction: 'sendrecv',
      ptimeMs: 20,
      mid: undefined,
    });
    expect(audio?.formats).toEqual(phone.media[0]?.formats);
    expect(parseSdp(formatSdp(relayed))).toMatchObject({ media: [{ port: 10_000 }, { port: 0 }] });
  });

  test('tells nothing of the other party: no address, key, candidate, source or name', () => {
    const text = formatSdp(relayDescription(phone, OWN));
    expect(text).not.toMatch(/192\.0\.2\.10|alice|Phone|candidate|ice-|crypto|ssrc|BUNDLE|a=mid/);
    expect(text).toContain('a=label:10');
  });

  test('an attribute that nobody knows stays behind', () => {
    const odd = description([...PHONE_LINES.slice(0, 20), 'a=x-address:192.0.2.10', 'a=rtcp-fb:96 nack']);
    expect(relayDescription(odd, OWN).media[0]?.attributes).toEqual(['label:10', 'rtcp-fb:96 nack']);
  });

  test('has the sections of the party that is told, in number, order, protocol and mid (RFC 3264 §6)', () => {
    const layout = description([
      'v=0',
      'o=- 1 1 IN IP4 203.0.113.5',
      'c=IN IP4 203.0.113.5',
      'm=video 6000 RTP/AVP 31',
      'a=mid:v',
      'm=audio 6002 RTP/AVPF 0',
      'a=mid:a',
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    ]);
    const relayed = relayDescription(phone, OWN, layout);
    expect(relayed.media.map(({ kind, port, protocol, mid }) => [kind, port, protocol, mid])).toEqual([
      ['video', 0, 'RTP/AVP', 'v'],
      ['audio', 10_000, 'RTP/AVPF', 'a'],
      ['application', 0, 'UDP/DTLS/SCTP', undefined],
    ]);
    expect(parseSdp(formatSdp(relayed))).toMatchObject({
      media: [{ port: 0 }, { port: 10_000 }, { formatList: ['webrtc-datachannel'] }],
    });
  });

  test('audio that was put away comes back in its place (RFC 3264 §8.2)', () => {
    const layout = description([
      'v=0',
      'o=- 1 1 IN IP4 203.0.113.5',
      'c=IN IP4 203.0.113.5',
      'm=audio 0 RTP/AVP 0',
    ]);
    expect(relayDescription(phone, OWN, layout).media.map(({ port }) => port)).toEqual([10_000]);
  });

  const MUX = [
    { name: 'is offered to whom we have not heard of', layout: undefined, option: undefined, expected: true },
    { name: 'is not offered where we do not want it', layout: undefined, option: false, expected: false },
    { name: 'stays where the party has it', layout: phone, option: undefined, expected: true },
    {
      name: 'does not come to a party without it',
      layout: description(PHONE_LINES.filter((line) => line !== 'a=rtcp-mux')),
      option: undefined,
      expected: false,
    },
  ];
  test.for(MUX)('rtcp-mux $name (RFC 5761 §5.1.1)', ({ layout, option, expected }) => {
    const own = option === undefined ? OWN : { ...OWN, rtcpMux: option };
    expect(relayDescription(phone, own, layout).media[0]?.rtcpMux).toBe(expected);
  });

  test('a hold passes, also the old one, which becomes sendonly at our address', () => {
    const old = description(
      PHONE_LINES.map((line) => line.replace('c=IN IP4 192.0.2.10', 'c=IN IP4 0.0.0.0')),
    );
    expect(relayDescription(old, OWN).media[0]).toMatchObject({
      direction: 'sendonly',
      address: '198.51.100.1',
    });
    const inactive = description(PHONE_LINES.map((line) => line.replace('a=sendrecv', 'a=inactive')));
    expect(relayDescription(inactive, OWN).media[0]?.direction).toBe('inactive');
  });

  test('encodings can be held back', () => {
    const relayed = relayDescription(phone, { ...OWN, keepEncodings: ['pcma', 'telephone-event'] });
    expect(relayed.media[0]?.formats.map(({ payloadType }) => payloadType)).toEqual([8, 101]);
    expect(relayDescription(phone, { ...OWN, keepEncodings: ['g729'] }).media[0]?.port).toBe(0);
  });

  test('SRTP is not relayed: no section is in use', () => {
    const secure = description(PHONE_LINES.map((line) => line.replace('RTP/AVP', 'RTP/SAVP')));
    expect(relayDescription(secure, OWN).media.map(({ port }) => port)).toEqual([0, 0]);
  });
});
