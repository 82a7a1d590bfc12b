import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  formatSdp,
  parseSdp,
  relayAnswer,
  relayOffer,
  TELEPHONE_EVENT,
} from '../../../../signaling/sdp/index.ts';
import { description, OWN, PHONE_LINES } from './samples.ts';

const phone = description(PHONE_LINES);
const G722 = { payloadType: 9, encoding: 'g722', clockRateHz: 8000, channels: 1 };
const PCMU = { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 };
const OPUS = { payloadType: 111, encoding: 'opus', clockRateHz: 48_000, channels: 2 };
const G711_LINES = ['v=0', 'o=- 1 1 IN IP4 203.0.113.5', 's=-', 'c=IN IP4 203.0.113.5', 't=0 0'];

describe('relayOffer()', () => {
  test('stands for the other party at our address, with its formats and numbers', () => {
    const relayed = relayOffer(phone, OWN);
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
    const text = formatSdp(relayOffer(phone, OWN));
    expect(text).not.toMatch(/192\.0\.2\.10|alice|Phone|candidate|ice-|crypto|ssrc|BUNDLE|a=mid/);
    expect(text).toContain('a=label:10');
  });

  test('an attribute that nobody knows stays behind, and so does feedback by RTCP, which ends at each leg', () => {
    const odd = description([...PHONE_LINES.slice(0, 20), 'a=x-address:192.0.2.10', 'a=rtcp-fb:96 nack']);
    expect(relayOffer(odd, OWN).media[0]?.attributes).toEqual([
      'label:10',
      'rtcp-xr:rcvr-rtt=all voip-metrics',
    ]);
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
    const relayed = relayOffer(phone, OWN, { remote: layout });
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
    expect(relayOffer(phone, OWN, { remote: layout }).media.map(({ port }) => port)).toEqual([10_000]);
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
    expect(relayOffer(phone, own, { remote: layout }).media[0]?.rtcpMux).toBe(expected);
  });

  test('a hold passes, also the old one, which becomes sendonly at our address', () => {
    const old = description(
      PHONE_LINES.map((line) => line.replace('c=IN IP4 192.0.2.10', 'c=IN IP4 0.0.0.0')),
    );
    expect(relayOffer(old, OWN).media[0]).toMatchObject({
      direction: 'sendonly',
      address: '198.51.100.1',
    });
    const inactive = description(PHONE_LINES.map((line) => line.replace('a=sendrecv', 'a=inactive')));
    expect(relayOffer(inactive, OWN).media[0]?.direction).toBe('inactive');
  });

  test('has formats that we can transcode behind those of the other party', () => {
    const offer = relayOffer(phone, { ...OWN, transcodable: [G722, PCMU, TELEPHONE_EVENT] });
    expect(formatSdp(offer)).toContain('m=audio 10000 RTP/AVP 96 0 8 9 101\r\n');
  });

  test('keeps the payload types by which the session knows a format (RFC 3264 §8.3.2)', () => {
    const local = description([...G711_LINES, 'm=audio 4000 RTP/AVP 0 100', 'a=rtpmap:100 opus/48000/2']);
    const remote = description([...G711_LINES, 'm=audio 4000 RTP/AVP 0 96', 'a=rtpmap:96 iLBC/8000']);
    const offer = relayOffer(phone, OWN, { local, remote });
    expect(offer.media[0]?.formats.map(({ payloadType }) => payloadType)).toEqual([100, 0, 8, 101]);
  });

  test('SRTP is not relayed: no section is in use', () => {
    const secure = description(PHONE_LINES.map((line) => line.replace('RTP/AVP', 'RTP/SAVP')));
    expect(relayOffer(secure, OWN).media.map(({ port }) => port)).toEqual([0, 0]);
  });
});

describe('relayAnswer()', () => {
  const answerer = (formats: string, direction = 'sendrecv') =>
    description([...G711_LINES, `m=audio 4000 RTP/AVP ${formats}`, `a=${direction}`]);

  test('has the offer’s payload types, what the other party has too in front, what we can transcode behind', () => {
    const answer = relayAnswer(phone, answerer('8 0'), { ...OWN, transcodable: [OPUS, TELEPHONE_EVENT] });
    if (answer instanceof DecodeError) throw answer;
    expect(answer.media[0]?.formats.map(({ payloadType }) => payloadType)).toEqual([8, 0, 96, 101]);
  });

  test('has nothing but what both have where nothing is transcoded, and is none without sound', () => {
    const answer = relayAnswer(phone, answerer('8'), OWN);
    if (answer instanceof DecodeError) throw answer;
    expect(answer.media[0]?.formats.map(({ payloadType }) => payloadType)).toEqual([8]);
    expect(answer.media[1]?.port).toBe(0);
    expect(relayAnswer(phone, answerer('18'), OWN)).toBeInstanceOf(DecodeError);
  });

  test.for([
    { offered: 'sendonly', answered: 'sendrecv', told: 'recvonly' },
    { offered: 'sendrecv', answered: 'recvonly', told: 'recvonly' },
    { offered: 'inactive', answered: 'sendrecv', told: 'inactive' },
  ])(
    'offered $offered, answered $answered by the other party: $told (RFC 3264 §6.1)',
    ({ offered, answered, told }) => {
      const offer = answerer('0', offered);
      expect(relayAnswer(offer, answerer('0', answered), OWN)).toMatchObject({
        media: [{ direction: told }],
      });
    },
  );
});
