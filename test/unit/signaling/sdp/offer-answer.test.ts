import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  answerOffer,
  type Capability,
  createOffer,
  type Direction,
  effectiveDirection,
  followVersion,
  formatSdp,
  intersectDirections,
  isOnHold,
  negotiated,
  parseSdp,
  remoteMediaOf,
  reverseDirection,
  type SessionDescription,
  withDirection,
} from '../../../../signaling/sdp/index.ts';
import { description, OWN, PHONE_LINES } from './samples.ts';

const OPUS: Capability = {
  payloadType: 111,
  encoding: 'opus',
  clockRateHz: 48_000,
  channels: 2,
  formatParameters: 'useinbandfec=1',
};
const PCMU: Capability = { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 };
const PCMA: Capability = { payloadType: 8, encoding: 'pcma', clockRateHz: 8000, channels: 1 };
const EVENTS: Capability = { payloadType: 101, encoding: 'telephone-event', clockRateHz: 8000, channels: 1 };

function answer(
  offer: SessionDescription,
  formats: readonly Capability[],
  more: { direction?: Direction; rtcpMux?: boolean } = {},
) {
  const made = answerOffer(offer, { ...OWN, formats, ...more });
  if (made instanceof DecodeError) throw new Error(String(made));
  return made;
}

const types = (entry: SessionDescription | undefined, index = 0) =>
  entry?.media[index]?.formats.map((format) => format.payloadType);

describe('createOffer()', () => {
  test('is read back as it was meant', () => {
    const offer = createOffer({ ...OWN, formats: [OPUS, PCMU, EVENTS], direction: 'sendonly', ptimeMs: 30 });
    expect(parseSdp(formatSdp(offer))).toEqual(offer);
    expect(formatSdp(offer)).toContain('o=- 77 3 IN IP4 198.51.100.1');
    expect(offer.media[0]).toMatchObject({
      port: 10_000,
      direction: 'sendonly',
      ptimeMs: 30,
      rtcpMux: true,
      rtcp: undefined,
    });
  });

  test('tells an RTCP port that is not the next one (RFC 3605), and has IPv6', () => {
    const offer = createOffer({
      ...OWN,
      address: '2001:db8::1',
      originAddress: '198.51.100.1',
      rtcpPort: 20_000,
      rtcpMux: false,
      formats: [PCMU],
    });
    const text = formatSdp(offer);
    expect(text).toContain('c=IN IP6 2001:db8::1');
    expect(text).toContain('a=rtcp:20000');
    expect(text).not.toContain('rtcp-mux');
    expect(parseSdp(text)).toEqual(offer);
  });

  test('keeps the sections of the session in number and order (RFC 3264 §8)', () => {
    const layout = description(PHONE_LINES);
    const offer = createOffer({ ...OWN, formats: [PCMU], layout });
    expect(offer.media.map(({ kind, port, mid }) => [kind, port, mid])).toEqual([
      ['audio', 10_000, '0'],
      ['video', 0, '1'],
    ]);
    const noAudio = { ...layout, media: layout.media.slice(1) };
    expect(createOffer({ ...OWN, formats: [PCMU], layout: noAudio }).media.map(({ kind }) => kind)).toEqual([
      'video',
      'audio',
    ]);
  });
});

describe('answerOffer() (RFC 3264 §6)', () => {
  const offer = description(PHONE_LINES);

  test('takes the common formats in the offerer’s order and numbers, with our parameters', () => {
    const made = answer(offer, [PCMA, EVENTS, OPUS]);
    expect(types(made)).toEqual([96, 8, 101]);
    expect(made.media[0]?.formats[0]?.formatParameters).toBe('useinbandfec=1');
    expect(made.media[0]?.formats[2]?.formatParameters).toBe('0-16');
  });

  test('has as many sections as the offer, the others with port 0', () => {
    const made = answer(offer, [PCMU]);
    expect(made.media.map(({ kind, port }) => [kind, port])).toEqual([
      ['audio', 10_000],
      ['video', 0],
    ]);
    expect(formatSdp(made)).toContain('m=video 0 RTP/AVP 99\r\n');
  });

  test('has rtcp-mux only where it was offered and is wanted (RFC 5761 §5.1.1)', () => {
    const without = description(PHONE_LINES.filter((line) => line !== 'a=rtcp-mux'));
    expect(answer(offer, [PCMU]).media[0]?.rtcpMux).toBe(true);
    expect(answer(offer, [PCMU], { rtcpMux: false }).media[0]?.rtcpMux).toBe(false);
    expect(answer(without, [PCMU]).media[0]?.rtcpMux).toBe(false);
  });

  const DIRECTIONS: readonly (readonly [offered: Direction, own: Direction, answered: Direction])[] = [
    ['sendrecv', 'sendrecv', 'sendrecv'],
    ['sendrecv', 'sendonly', 'sendonly'],
    ['sendrecv', 'recvonly', 'recvonly'],
    ['sendrecv', 'inactive', 'inactive'],
    ['sendonly', 'sendrecv', 'recvonly'],
    ['sendonly', 'sendonly', 'inactive'],
    ['sendonly', 'recvonly', 'recvonly'],
    ['sendonly', 'inactive', 'inactive'],
    ['recvonly', 'sendrecv', 'sendonly'],
    ['recvonly', 'sendonly', 'sendonly'],
    ['recvonly', 'recvonly', 'inactive'],
    ['recvonly', 'inactive', 'inactive'],
    ['inactive', 'sendrecv', 'inactive'],
    ['inactive', 'sendonly', 'inactive'],
    ['inactive', 'recvonly', 'inactive'],
    ['inactive', 'inactive', 'inactive'],
  ];
  test.for(DIRECTIONS)('offered %s, wanted %s: answered %s (§6.1)', ([offered, own, answered]) => {
    expect(answer(withDirection(offer, offered), [PCMU], { direction: own }).media[0]?.direction).toBe(
      answered,
    );
  });

  const REFUSED = [
    { name: 'no common codec', lines: PHONE_LINES, formats: [{ ...PCMU, encoding: 'g722' }] },
    { name: 'events alone in common', lines: PHONE_LINES, formats: [EVENTS] },
    {
      name: 'SRTP',
      lines: PHONE_LINES.map((line) => line.replace('RTP/AVP 96', 'RTP/SAVP 96')),
      formats: [PCMU],
    },
    {
      name: 'SRTP with feedback',
      lines: PHONE_LINES.map((line) => line.replace('RTP/AVP 96', 'UDP/TLS/RTP/SAVPF 96')),
      formats: [PCMU],
    },
    {
      name: 'a rejected section',
      lines: PHONE_LINES.map((line) => line.replace('audio 49170', 'audio 0')),
      formats: [PCMU],
    },
    {
      name: 'video alone',
      lines: PHONE_LINES.filter((line) => !line.startsWith('m=audio')),
      formats: [PCMU],
    },
  ];
  test.for(REFUSED)('has no answer to $name', ({ lines, formats }) => {
    expect(answerOffer(description(lines), { ...OWN, formats })).toBeInstanceOf(DecodeError);
  });

  test('answers the second audio section where the first is SRTP', () => {
    const both = description([
      'v=0',
      'o=- 1 1 IN IP4 192.0.2.1',
      'c=IN IP4 192.0.2.1',
      'm=audio 4000 RTP/SAVP 0',
      'm=audio 4002 RTP/AVP 0',
      'm=audio 4004 RTP/AVP 0',
    ]);
    expect(answer(both, [PCMU]).media.map(({ port }) => port)).toEqual([0, 10_000, 0]);
  });

  test('takes opus with one channel for opus (RFC 7587 §7)', () => {
    const mono = description(PHONE_LINES.map((line) => line.replace('opus/48000/2', 'opus/48000')));
    expect(types(answer(mono, [OPUS]))).toEqual([96]);
  });

  test('prefers events at the clock of the sound, and takes others rather than none (RFC 4733 §2.1)', () => {
    const wide: Capability = { ...EVENTS, clockRateHz: 48_000, payloadType: 110 };
    const both = description(
      PHONE_LINES.map((line) => line.replace('8 101', '8 101 102')).toSpliced(
        9,
        0,
        'a=rtpmap:102 telephone-event/48000',
      ),
    );
    expect(types(answer(both, [OPUS, EVENTS, wide]))).toEqual([96, 102]);
    expect(types(answer(both, [OPUS, PCMU, EVENTS, wide]))).toEqual([96, 0, 101, 102]);
    expect(types(answer(both, [OPUS, EVENTS]))).toEqual([96, 101]);
  });
});

// The descriptions of RFC 3264 §10.1, without their third section's port of one.
describe('the exchange of RFC 3264 §10.1', () => {
  const offer = description([
    'v=0',
    'o=alice 2890844526 2890844526 IN IP4 host.anywhere.com',
    's=',
    'c=IN IP4 host.anywhere.com',
    't=0 0',
    'm=audio 49170 RTP/AVP 0',
    'a=rtpmap:0 PCMU/8000',
    'm=video 51372 RTP/AVP 31',
    'a=rtpmap:31 H261/90000',
    'm=video 53000 RTP/AVP 32',
    'a=rtpmap:32 MPV/90000',
  ]);

  test('the answer takes audio and turns the videos down, in place', () => {
    const made = answer(offer, [PCMU]);
    expect(made.media.map(({ kind, port, formatList }) => [kind, port, ...formatList])).toEqual([
      ['audio', 10_000, '0'],
      ['video', 0, '31'],
      ['video', 0, '32'],
    ]);
  });

  test('a new offer moves the stream, with a version that is one higher', () => {
    const first = createOffer({ ...OWN, formats: [PCMU] });
    const moved = followVersion(
      first,
      createOffer({ ...OWN, rtpPort: 10_002, rtcpPort: 10_003, formats: [PCMU] }),
    );
    expect(moved.origin.version).toBe('4');
    expect(followVersion(moved, { ...moved, origin: { ...moved.origin, version: '9' } })).toEqual(moved);
    expect(
      followVersion(
        { ...first, origin: { ...first.origin, version: '9007199254740993' } },
        withDirection(first, 'inactive'),
      ).origin.version,
    ).toBe('9007199254740994');
  });
});

// RFC 3264 §10.2: the offerer has three codecs, the answerer takes two, and then they settle on one.
describe('the exchange of RFC 3264 §10.2', () => {
  const ILBC: Capability = { payloadType: 97, encoding: 'ilbc', clockRateHz: 8000, channels: 1 };

  test('one of N codecs', () => {
    const offer = createOffer({
      ...OWN,
      formats: [PCMU, { ...PCMU, payloadType: 4, encoding: 'g723' }, ILBC],
      direction: 'inactive',
    });
    const taken = answer(offer, [PCMU, ILBC]);
    expect([types(taken), taken.media[0]?.direction]).toEqual([[0, 97], 'inactive']);
    const second = createOffer({ ...OWN, version: 4, formats: [PCMU, { ...EVENTS, payloadType: 103 }] });
    expect(types(answer(second, [PCMU, EVENTS]))).toEqual([0, 103]);
  });
});

describe('negotiated()', () => {
  const offer = createOffer({ ...OWN, formats: [OPUS, PCMU, EVENTS] });
  const peer = { ...OWN, address: '192.0.2.99', rtpPort: 4000, rtcpPort: 4001 };

  test('gives both sides their view of one agreement', () => {
    const made = answerOffer(offer, { ...peer, formats: [{ ...PCMU }, { ...EVENTS, payloadType: 96 }] });
    if (made instanceof DecodeError) throw new Error(String(made));
    const ours = negotiated(offer, made);
    expect(ours?.remote).toMatchObject({
      rtp: { address: '192.0.2.99', port: 4000 },
      rtcpMux: true,
      direction: 'sendrecv',
      ptimeMs: 20,
    });
    expect(ours?.sendFormats.map((format) => format.payloadType)).toEqual([0, 101]);
    expect(negotiated(made, offer)?.receiveFormats.map((format) => format.payloadType)).toEqual([0, 101]);
  });

  test('numbers may differ each way: we send with theirs and receive with ours (§5.1)', () => {
    const made = createOffer({ ...peer, formats: [{ ...OPUS, payloadType: 120 }, PCMU] });
    const ours = negotiated(offer, made);
    expect(ours?.sendFormats.map((format) => format.payloadType)).toEqual([120, 0]);
    expect(ours?.receiveFormats.map((format) => format.payloadType)).toEqual([111, 0]);
  });

  const DIRECTIONS: readonly (readonly [own: Direction, theirs: Direction, expected: Direction])[] = [
    ['sendrecv', 'sendrecv', 'sendrecv'],
    ['sendrecv', 'recvonly', 'sendonly'],
    ['sendrecv', 'sendonly', 'recvonly'],
    ['sendonly', 'recvonly', 'sendonly'],
    ['recvonly', 'recvonly', 'inactive'],
    ['sendrecv', 'inactive', 'inactive'],
  ];
  test.for(DIRECTIONS)('we say %s, they say %s: we are %s', ([own, theirs, expected]) => {
    const made = createOffer({ ...peer, formats: [PCMU], direction: theirs });
    expect(negotiated(withDirection(offer, own), made)?.remote.direction).toBe(expected);
  });

  test('nothing in common is nothing', () => {
    expect(
      negotiated(createOffer({ ...OWN, formats: [PCMA] }), createOffer({ ...peer, formats: [PCMU] })),
    ).toBeUndefined();
    expect(negotiated(offer, { ...offer, media: [] })).toBeUndefined();
  });

  test('rtcp-mux needs both', () => {
    const without = createOffer({ ...OWN, formats: [PCMU], rtcpMux: false });
    const made = createOffer({ ...peer, formats: [PCMU] });
    expect(negotiated(without, made)?.remote).toMatchObject({ rtcpMux: false, rtcp: { port: 4001 } });
  });
});

describe('remoteMediaOf()', () => {
  const phone = (...changes: readonly string[]) =>
    description([...PHONE_LINES.slice(0, 20).filter((line) => line !== 'a=rtcp-mux'), ...changes]);

  test('RTCP goes to its own port, to the next one, or with rtcp-mux to the same', () => {
    expect(remoteMediaOf(phone())?.rtcp).toEqual({ address: '192.0.2.10', port: 49_171 });
    expect(remoteMediaOf(phone('a=rtcp:5000'))?.rtcp).toEqual({ address: '192.0.2.10', port: 5000 });
    expect(remoteMediaOf(phone('a=rtcp:5000 IN IP4 192.0.2.11'))?.rtcp).toEqual({
      address: '192.0.2.11',
      port: 5000,
    });
    expect(remoteMediaOf(phone('a=rtcp-mux'))).toMatchObject({ rtcpMux: true, rtcp: { port: 49_170 } });
    expect(remoteMediaOf(phone('a=rtcp-mux'), { rtcpMux: false })).toMatchObject({
      rtcpMux: false,
      rtcp: { port: 49_171 },
    });
  });

  test('a host name is no place to send to', () => {
    expect(
      remoteMediaOf(
        description(
          PHONE_LINES.map((line) => line.replace('c=IN IP4 192.0.2.10', 'c=IN IP4 phone.example.com')),
        ),
      ),
    ).toBeUndefined();
  });
});

describe('hold (RFC 3264 §8.4)', () => {
  const CASES = [
    { lines: ['a=sendrecv'], direction: 'sendrecv', held: false },
    { lines: ['a=sendonly'], direction: 'sendonly', held: true },
    { lines: ['a=inactive'], direction: 'inactive', held: true },
    { lines: ['a=recvonly'], direction: 'recvonly', held: false },
    { lines: ['c=IN IP4 0.0.0.0'], direction: 'sendonly', held: true },
    { lines: ['c=IN IP4 0.0.0.0', 'a=recvonly'], direction: 'inactive', held: true },
    { lines: ['c=IN IP6 ::', 'a=inactive'], direction: 'inactive', held: true },
  ];
  test.for(CASES)('$lines means $direction', ({ lines, direction, held }) => {
    const [media] = description([
      'v=0',
      'o=- 1 1 IN IP4 192.0.2.1',
      'c=IN IP4 192.0.2.1',
      'm=audio 4000 RTP/AVP 0',
      ...lines,
    ]).media;
    expect(media && effectiveDirection(media)).toBe(direction);
    expect(media && isOnHold(media)).toBe(held);
  });

  test('directions turn round and meet', () => {
    expect((['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const).map(reverseDirection)).toEqual([
      'sendrecv',
      'recvonly',
      'sendonly',
      'inactive',
    ]);
    expect(intersectDirections('sendonly', 'recvonly')).toBe('inactive');
  });
});
