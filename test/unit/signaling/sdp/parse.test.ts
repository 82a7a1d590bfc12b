import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  formatSdp,
  MAX_FORMATS,
  MAX_MEDIA,
  MAX_SDP_LENGTH,
  parseSdp,
} from '../../../../signaling/sdp/index.ts';
import { description, PHONE_LINES } from './samples.ts';

const MINIMUM = [
  'v=0',
  'o=- 1 1 IN IP4 192.0.2.1',
  's=-',
  'c=IN IP4 192.0.2.1',
  't=0 0',
  'm=audio 4000 RTP/AVP 0',
];

/** The minimum with one line replaced (by the start of the line) and others behind it. */
function lines(start: string, line: string | undefined, ...more: readonly string[]): string {
  const kept = MINIMUM.flatMap((entry) =>
    entry.startsWith(start) ? (line === undefined ? [] : [line]) : [entry],
  );
  return [...kept, ...more, ''].join('\r\n');
}

const audio = (...more: readonly string[]) => description([...MINIMUM, ...more]).media[0];

describe('parseSdp()', () => {
  test('reads what a phone sends', () => {
    const parsed = description(PHONE_LINES);
    expect(parsed.origin).toEqual({
      username: 'alice',
      sessionId: '2890844526',
      version: '2890844526',
      address: '192.0.2.10',
    });
    expect([parsed.sessionName, parsed.attributes]).toEqual(['Phone', ['group:BUNDLE 0 1']]);
    expect(parsed.media.map(({ kind, port, mid }) => [kind, port, mid])).toEqual([
      ['audio', 49_170, '0'],
      ['video', 51_372, '1'],
    ]);
    const [section] = parsed.media;
    expect(section).toMatchObject({
      protocol: 'RTP/AVP',
      address: '192.0.2.10',
      direction: 'sendrecv',
      ptimeMs: 20,
      rtcpMux: true,
    });
    expect(section?.formats).toEqual([
      {
        payloadType: 96,
        encoding: 'opus',
        clockRateHz: 48_000,
        channels: 2,
        formatParameters: 'useinbandfec=1',
      },
      { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 },
      { payloadType: 8, encoding: 'pcma', clockRateHz: 8000, channels: 1 },
      {
        payloadType: 101,
        encoding: 'telephone-event',
        clockRateHz: 8000,
        channels: 1,
        formatParameters: '0-16',
      },
    ]);
    expect(section?.attributes.map((text) => text.split(':')[0])).toEqual([
      'candidate',
      'ice-ufrag',
      'crypto',
      'ssrc',
      'label',
    ]);
  });

  test('numbers of 64 bits keep their digits', () => {
    const text = lines('o=', 'o=- 18446744073709551615 9007199254740993 IN IP4 192.0.2.1');
    const parsed = parseSdp(text);
    expect(parsed).toMatchObject({
      origin: { sessionId: '18446744073709551615', version: '9007199254740993' },
    });
    expect(!(parsed instanceof DecodeError) && formatSdp(parsed)).toContain(
      '18446744073709551615 9007199254740993 IN',
    );
  });

  const SECTIONS = [
    {
      name: 'its own c= before the session’s',
      more: ['c=IN IP4 192.0.2.9'],
      expected: { address: '192.0.2.9' },
    },
    { name: 'an IPv6 address', more: ['c=IN IP6 2001:db8::1'], expected: { address: '2001:db8::1' } },
    { name: 'an address with TTL', more: ['c=IN IP4 224.2.36.42/127'], expected: { address: '224.2.36.42' } },
    { name: 'a direction', more: ['a=sendonly'], expected: { direction: 'sendonly' } },
    {
      name: 'an RTCP port (RFC 3605)',
      more: ['a=rtcp:53020'],
      expected: { rtcp: { port: 53_020, address: undefined } },
    },
    {
      name: 'an RTCP port and address',
      more: ['a=rtcp:53020 IN IP4 192.0.2.8'],
      expected: { rtcp: { port: 53_020, address: '192.0.2.8' } },
    },
    {
      name: 'packet times',
      more: ['a=ptime:30', 'a=maxptime:150'],
      expected: { ptimeMs: 30, maxptimeMs: 150 },
    },
    { name: 'a mid that looks like a number', more: ['a=mid:7'], expected: { mid: '7' } },
    {
      name: 'an rtpmap for a static type',
      more: ['a=rtpmap:0 PCMU/8000'],
      expected: { formats: [{ encoding: 'pcmu' }] },
    },
    {
      name: 'an rtpmap that gives a static type another meaning',
      more: ['a=rtpmap:0 X-thing/16000/2'],
      expected: { formats: [{ payloadType: 0, encoding: 'x-thing', clockRateHz: 16_000, channels: 2 }] },
    },
  ];
  test.for(SECTIONS)('reads $name', ({ more, expected }) => {
    expect(audio(...more)).toMatchObject(expected);
  });

  test('the session’s direction holds for sections without one', () => {
    const parsed = description([
      ...MINIMUM.slice(0, 5),
      'a=inactive',
      'm=audio 1 RTP/AVP 0',
      'm=audio 2 RTP/AVP 0',
      'a=recvonly',
    ]);
    expect(parsed.media.map((section) => section.direction)).toEqual(['inactive', 'recvonly']);
  });

  test('a payload type that nobody explains is no format, but stays on the list', () => {
    const parsed = parseSdp(lines('m=', 'm=audio 4000 RTP/AVP 97 0 0'));
    expect(parsed).toMatchObject({
      media: [{ formats: [{ payloadType: 0 }], formatList: ['97', '0', '0'] }],
    });
  });

  test('sections that are no RTP keep their list of formats', () => {
    const parsed = parseSdp(lines('m=', 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel'));
    expect(parsed).toMatchObject({
      media: [{ kind: 'application', formats: [], formatList: ['webrtc-datachannel'] }],
    });
  });

  test('forgives line ends of LF, missing s= and t=, and an unknown line type', () => {
    expect(
      parseSdp('v=0\no=- 1 1 IN IP4 192.0.2.1\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 0\ny=1\n'),
    ).toMatchObject({ sessionName: '-', media: [{ port: 4000 }] });
  });

  test('a rejected section needs no address (RFC 3264 §6)', () => {
    expect(parseSdp(lines('c=', undefined).replace('4000', '0'))).toMatchObject({
      media: [{ port: 0, address: undefined }],
    });
  });

  const BAD = [
    { name: 'nothing', text: '' },
    { name: 'rubbish', text: '<audio>\r\n' },
    { name: 'another version', text: lines('v=', 'v=1') },
    { name: 'no version', text: lines('v=', undefined) },
    { name: 'no origin', text: lines('o=', undefined) },
    { name: 'an origin cut short', text: lines('o=', 'o=- 1 1 IN IP4') },
    { name: 'an origin whose version is no number', text: lines('o=', 'o=- 1 x IN IP4 192.0.2.1') },
    { name: 'an origin of another network', text: lines('o=', 'o=- 1 1 XX IP4 192.0.2.1') },
    { name: 'an origin of IPv7', text: lines('o=', 'o=- 1 1 IN IP7 192.0.2.1') },
    { name: 'no address', text: lines('c=', undefined) },
    { name: 'an address that is none', text: lines('c=', 'c=IN IP4 <x>') },
    { name: 'a c= line cut short', text: lines('c=', 'c=IN IP4') },
    {
      name: 'a c= line that sdp-transform would pass over',
      text: lines('c=', 'c=IN IP4 192.0.2.1', 'c=ATM NSAP x'),
    },
    { name: 'a port over 65535', text: lines('m=', 'm=audio 65536 RTP/AVP 0') },
    { name: 'a port in words', text: lines('m=', 'm=audio rtp RTP/AVP 0') },
    { name: 'a negative port', text: lines('m=', 'm=audio -1 RTP/AVP 0') },
    { name: 'no format', text: lines('m=', 'm=audio 4000 RTP/AVP') },
    { name: 'a payload type over 127', text: lines('m=', 'm=audio 4000 RTP/AVP 128') },
    { name: 'a payload type in words', text: lines('m=', 'm=audio 4000 RTP/AVP pcmu') },
    { name: 'an m= line with a space too many', text: lines('m=', 'm =video 3227 RTP/AVP 31') },
    { name: 'a line of 5 kB', text: lines('x', '', `a=x:${'y'.repeat(5000)}`) },
    { name: 'two thousand lines', text: lines('x', '', ...Array<string>(2000).fill('a=x')) },
    {
      name: 'too many sections',
      text: lines('x', '', ...Array<string>(MAX_MEDIA).fill('m=audio 1 RTP/AVP 0')),
    },
    { name: 'too many formats', text: lines('m=', `m=audio 1 RTP/AVP${' 0'.repeat(MAX_FORMATS + 1)}`) },
    { name: 'too much of everything', text: 'v=0\r\n'.repeat(MAX_SDP_LENGTH) },
  ];
  test.for(BAD)('refuses $name', ({ text }) => {
    const parsed = parseSdp(text);
    expect(parsed).toBeInstanceOf(DecodeError);
    expect(String(parsed).length).toBeLessThan(300);
  });

  const IGNORED = [
    { line: 'a=ptime:0', expected: { ptimeMs: undefined } },
    { line: 'a=ptime:3600000', expected: { ptimeMs: undefined } },
    { line: 'a=ptime:often', expected: { ptimeMs: undefined } },
    { line: 'a=rtcp:70000', expected: { rtcp: undefined } },
    { line: 'a=rtpmap:0 PCMU', expected: { formats: [] } },
    { line: 'a=rtpmap:0 PCMU/0', expected: { formats: [] } },
    { line: 'a=rtpmap:0 PCMU/8000/none', expected: { formats: [] } },
    { line: 'a=rtpmap:x y', expected: { formats: [{ encoding: 'pcmu' }] } },
    { line: 'a=fmtp:* x=y', expected: { formats: [{ encoding: 'pcmu' }] } },
  ];
  test.for(IGNORED)('$line is left out, and no call is refused for it', ({ line, expected }) => {
    expect(audio(line)).toMatchObject(expected);
  });

  test('tells where the fault is', () => {
    expect(parseSdp(lines('m=', 'm=audio 65536 RTP/AVP 0'))).toMatchObject({ place: 'SDP media[0].port' });
  });

  test('cuts and flipped bits give a value, and what is read can be written and read again', () => {
    const bytes = Buffer.from(`${PHONE_LINES.join('\r\n')}\r\n`);
    const inputs = Array.from(bytes.keys(), (end) => bytes.subarray(0, end).toString('latin1'));
    for (let bit = 0; bit < bytes.length * 8; bit += 3) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      inputs.push(flipped.toString('latin1'));
    }
    for (const input of inputs) roundTrip(input);
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 40 })), (more) =>
        roundTrip([...MINIMUM, ...more].join('\r\n')),
      ),
    );
    fc.assert(fc.property(fc.string(), roundTrip));
  });
});

function roundTrip(text: string): void {
  const parsed = parseSdp(text);
  if (parsed instanceof DecodeError) return;
  const written = formatSdp(parsed);
  const again = parseSdp(written);
  if (again instanceof DecodeError) throw new Error(`${again}\n${text}\n${written}`);
  expect(formatSdp(again)).toBe(written);
}

describe('formatSdp()', () => {
  test('writes what a phone can read', () => {
    expect(
      formatSdp(description(PHONE_LINES.filter((line) => !/^a=(cand|ice|crypto|ssrc|group)/.test(line)))),
    ).toBe(
      [
        'v=0',
        'o=alice 2890844526 2890844526 IN IP4 192.0.2.10',
        's=Phone',
        'c=IN IP4 192.0.2.10',
        't=0 0',
        'm=audio 49170 RTP/AVP 96 0 8 101',
        'a=rtpmap:96 opus/48000/2',
        'a=rtpmap:0 PCMU/8000',
        'a=rtpmap:8 PCMA/8000',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:96 useinbandfec=1',
        'a=fmtp:101 0-16',
        'a=mid:0',
        'a=ptime:20',
        'a=sendrecv',
        'a=rtcp-mux',
        'a=label:10',
        'm=video 51372 RTP/AVP 99',
        'a=rtpmap:99 H264/90000',
        'a=mid:1',
        'a=sendrecv',
        '',
      ].join('\r\n'),
    );
  });

  test('writes an address of its own for a section that differs from the session', () => {
    const text = formatSdp(description([...MINIMUM, 'm=audio 4002 RTP/AVP 0', 'c=IN IP6 2001:db8::1']));
    expect(text.match(/^c=.*$/gm)).toEqual(['c=IN IP4 192.0.2.1', 'c=IN IP6 2001:db8::1']);
  });

  test('refuses line breaks, wherever they are', () => {
    const good = description(PHONE_LINES);
    const [section] = good.media;
    if (!section) throw new Error('no section');
    const evil = 'x\r\na=evil';
    const CASES = [
      { ...good, sessionName: evil },
      { ...good, attributes: [evil] },
      { ...good, origin: { ...good.origin, username: evil } },
      { ...good, origin: { ...good.origin, address: evil } },
      { ...good, media: [{ ...section, attributes: ['x\na=evil'] }] },
      { ...good, media: [{ ...section, mid: evil }] },
      {
        ...good,
        media: [
          { ...section, formats: [{ payloadType: 0, encoding: evil, clockRateHz: 8000, channels: 1 }] },
        ],
      },
    ];
    for (const bad of CASES) expect(() => formatSdp(bad)).toThrow();
  });
});
