import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  answerOffer,
  createOffer,
  formatsToAnswer,
  formatsToOffer,
  isSoundFormat,
  negotiated,
  type PayloadFormat,
  settleRedundancy,
  TELEPHONE_EVENT,
  withRedundancy,
} from '../../../../signaling/sdp/index.ts';
import { description, OWN } from './samples.ts';

const OPUS = { payloadType: 111, encoding: 'opus', clockRateHz: 48_000, channels: 2 };
const G722 = { payloadType: 9, encoding: 'g722', clockRateHz: 8000, channels: 1 };
const PCMU = { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 };
const PCMA = { payloadType: 8, encoding: 'pcma', clockRateHz: 8000, channels: 1 };
const OURS = withRedundancy([OPUS, G722, PCMU, PCMA, TELEPHONE_EVENT]);

/** RED as an SDP section has it. */
const red = (payloadType: number, clockRateHz: number, formatParameters?: string): PayloadFormat => ({
  payloadType,
  encoding: 'red',
  clockRateHz,
  channels: clockRateHz === 48_000 ? 2 : 1,
  ...(formatParameters === undefined ? {} : { formatParameters }),
});

const textOf = ({ payloadType, encoding, formatParameters }: PayloadFormat) =>
  [payloadType, encoding, ...(encoding === 'red' ? [formatParameters] : [])].join(' ');

/** A phone’s description with these formats. */
function phone(list: string, ...lines: readonly string[]) {
  const head = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0'];
  return description([...head, `m=audio 4000 RTP/AVP ${list}`, ...lines]);
}

describe('RED (RFC 2198)', () => {
  test('is offered behind everything else, once for each clock of what it repeats', () => {
    const [section] = createOffer({ ...OWN, formats: OURS }).media;
    expect(section?.formats.map(textOf)).toEqual([
      '111 opus',
      '9 g722',
      '0 pcmu',
      '8 pcma',
      '101 telephone-event',
      '121 red 111/111',
      '122 red 0/0',
    ]);
    expect(withRedundancy([G722, TELEPHONE_EVENT])).toEqual([G722, TELEPHONE_EVENT]);
  });

  test('is no sound by itself', () => {
    expect(isSoundFormat(red(121, 48_000))).toBe(false);
  });

  const SETTLED = [
    {
      name: 'takes the first that it can repeat',
      formats: [PCMA, PCMU, red(97, 8000)],
      expected: '97 red 8/8',
    },
    { name: 'keeps what it says', formats: [PCMA, PCMU, red(97, 8000, '0/0')], expected: '97 red 0/0' },
    {
      name: 'keeps several copies',
      formats: [OPUS, red(97, 48_000, '111/111/111')],
      expected: '97 red 111/111/111',
    },
    {
      name: 'repeats no digits',
      formats: [PCMU, TELEPHONE_EVENT, red(97, 8000, '0/101')],
      expected: '97 red 0/0',
    },
    { name: 'is left out where it says nonsense', formats: [PCMU, red(97, 8000, 'x/')], expected: undefined },
    {
      name: 'is left out where its sound is not there',
      formats: [PCMU, red(97, 8000, '8/8')],
      expected: undefined,
    },
    { name: 'is left out where the clock is another', formats: [PCMU, red(97, 48_000)], expected: undefined },
    { name: 'repeats no G.722', formats: [G722, red(97, 8000)], expected: undefined },
  ];
  test.for(SETTLED)('$name', ({ formats, expected }) => {
    expect(settleRedundancy(formats).map(textOf)[formats.length - 1]).toBe(expected);
  });

  test('is answered with the numbers of the offer, where its sound is answered, too', () => {
    const offer = phone(
      '96 8 97 98',
      'a=rtpmap:96 opus/48000/2',
      'a=rtpmap:97 red/48000/2',
      'a=fmtp:97 96/96',
      'a=rtpmap:98 red/8000',
      'a=fmtp:98 8/8',
    );
    const answerOf = (formats: readonly PayloadFormat[]) => {
      const answer = answerOffer(offer, { ...OWN, formats });
      if (answer instanceof DecodeError) throw new Error(String(answer));
      return answer.media[0]?.formats.map(textOf);
    };
    expect(answerOf(OURS)).toEqual(['96 opus', '8 pcma', '97 red 96/96', '98 red 8/8']);
    expect(answerOf(withRedundancy([PCMA]))).toEqual(['8 pcma', '98 red 8/8']);
    expect(answerOf([OPUS, PCMA])).toEqual(['96 opus', '8 pcma']);
  });

  test('is sent by the numbers of the answer, and received by ours', () => {
    const local = createOffer({ ...OWN, formats: OURS });
    const lines = ['a=rtpmap:96 opus/48000/2', 'a=rtpmap:97 red/48000/2', 'a=fmtp:97 96/96'];
    const agreed = negotiated(local, phone('96 97', ...lines));
    expect(agreed?.sendFormats.map(textOf)).toEqual(['96 opus', '97 red 96/96']);
    expect(agreed?.receiveFormats.map(textOf)).toEqual(['111 opus', '121 red 111/111']);
  });

  test('ends at the server: neither party’s is told to the other, each leg has its own', () => {
    const party = [OPUS, red(63, 48_000, '111/111')];
    expect(formatsToOffer(party, OURS, []).map(textOf).slice(-2)).toEqual(['121 red 111/111', '122 red 0/0']);
    expect(formatsToOffer(party, [OPUS, PCMU], []).map(textOf)).toEqual(['111 opus', '0 pcmu']);
    expect(formatsToAnswer(party, [PCMU], OURS).map(textOf)).toEqual(['111 opus', '63 red 111/111']);
    expect(formatsToAnswer(party, party, [OPUS, PCMU]).map(textOf)).toEqual(['111 opus']);
  });

  test('passes as it is where nothing is transcoded', () => {
    const party = [OPUS, red(63, 48_000, '111/111')];
    expect(formatsToOffer(party, [], [])).toEqual(party);
    expect(formatsToAnswer(party, party, [])).toEqual(party);
  });
});
