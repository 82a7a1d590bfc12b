import { describe, expect, test } from 'vitest';
import {
  formatsToAnswer,
  formatsToOffer,
  inOrderOf,
  type PayloadFormat,
  TELEPHONE_EVENT,
} from '../../../../signaling/sdp/index.ts';

const format = (payloadType: number, encoding: string, clockRateHz = 8000): PayloadFormat => ({
  payloadType,
  encoding,
  clockRateHz,
  channels: encoding === 'opus' ? 2 : 1,
});

const OPUS = format(111, 'opus', 48_000);
const G722 = format(9, 'g722');
const PCMU = format(0, 'pcmu');
const PCMA = format(8, 'pcma');
const G729 = format(18, 'g729');
const OURS = [OPUS, G722, PCMU, PCMA, TELEPHONE_EVENT];

const texts = (formats: readonly PayloadFormat[]) =>
  formats.map(({ payloadType, encoding }) => `${payloadType} ${encoding}`);

describe('formatsToOffer()', () => {
  const ROWS = [
    {
      name: 'the other party’s formats first, then ours that it lacks',
      other: [PCMA, PCMU, TELEPHONE_EVENT],
      expected: ['8 pcma', '0 pcmu', '111 opus', '9 g722', '101 telephone-event'],
    },
    {
      name: 'events where the other party has none',
      other: [PCMU],
      expected: ['0 pcmu', '111 opus', '9 g722', '8 pcma', '101 telephone-event'],
    },
    {
      name: 'events of 8,000 Hz beside those of another clock',
      other: [OPUS, format(101, 'telephone-event', 48_000)],
      expected: ['111 opus', '9 g722', '0 pcmu', '8 pcma', '101 telephone-event', '96 telephone-event'],
    },
    {
      name: 'what we cannot transcode as the other party has it',
      other: [G729, format(97, 'ilbc'), PCMU, PCMA, G722, OPUS, TELEPHONE_EVENT],
      expected: ['18 g729', '97 ilbc', '0 pcmu', '8 pcma', '9 g722', '111 opus', '101 telephone-event'],
    },
    {
      name: 'no payload type twice',
      other: [format(111, 'ilbc'), format(101, 'speex', 16_000), format(96, 'gsm-efr'), PCMU],
      expected: [
        '111 ilbc',
        '101 speex',
        '96 gsm-efr',
        '0 pcmu',
        '97 opus',
        '9 g722',
        '8 pcma',
        '98 telephone-event',
      ],
    },
  ];
  test.for(ROWS)('has $name', ({ other, expected }) => {
    expect(texts(formatsToOffer(other, OURS, []))).toEqual(expected);
  });

  test('has no sound of ours where that of the other party cannot be converted: an answer with it would be of no use', () => {
    expect(texts(formatsToOffer([G729], OURS, []))).toEqual(['18 g729', '101 telephone-event']);
  });

  test('has the other party’s formats alone where nothing is transcoded', () => {
    expect(formatsToOffer([G729, TELEPHONE_EVENT], [], [])).toEqual([G729, TELEPHONE_EVENT]);
  });

  test('gives a format its payload type of the session, and none that meant another (RFC 3264 §8.3.2)', () => {
    const known = [format(98, 'opus', 48_000), format(96, 'ilbc'), PCMU];
    expect(texts(formatsToOffer([format(96, 'opus', 48_000), format(97, 'ilbc')], [], known))).toEqual([
      '98 opus',
      '96 ilbc',
    ]);
    expect(texts(formatsToOffer([format(96, 'speex')], [], known))).toEqual(['97 speex']);
  });

  test('tells two variants of one encoding apart', () => {
    const variants = [{ ...format(96, 'amr'), formatParameters: 'octet-align=1' }, format(97, 'amr')];
    expect(formatsToOffer(variants, [], variants)).toEqual(variants);
  });

  test('leaves out that for which no payload type is left', () => {
    const crowd = Array.from({ length: 32 }, (_, index) => format(96 + index, `x-${index}`));
    expect(formatsToOffer([...crowd, PCMA], [OPUS, PCMA, PCMU], []).map(({ encoding }) => encoding)).toEqual([
      ...crowd.map(({ encoding }) => encoding),
      'pcma',
      'pcmu',
    ]);
  });
});

describe('formatsToAnswer()', () => {
  const ROWS = [
    {
      name: 'what both have in front, as the other party orders it',
      offered: [OPUS, PCMU, PCMA],
      other: [PCMA, PCMU],
      expected: ['8 pcma', '0 pcmu', '111 opus'],
    },
    {
      name: 'what we can transcode where they share nothing',
      offered: [PCMU, G729, TELEPHONE_EVENT],
      other: [OPUS, TELEPHONE_EVENT],
      expected: ['0 pcmu', '101 telephone-event'],
    },
    {
      name: 'nothing that the other party has and we cannot hear',
      offered: [PCMU],
      other: [G729],
      expected: ['0 pcmu'],
    },
    {
      name: 'what only the parties know',
      offered: [G729, PCMU],
      other: [G729],
      expected: ['18 g729', '0 pcmu'],
    },
    {
      name: 'the offerer’s events though the other party has none, at the clock that it has',
      offered: [OPUS, format(110, 'telephone-event', 48_000)],
      other: [PCMU],
      expected: ['111 opus', '110 telephone-event'],
    },
    {
      name: 'comfort noise only where both have it',
      offered: [PCMU, format(13, 'cn')],
      other: [PCMU],
      expected: ['0 pcmu'],
    },
    {
      name: 'nothing where there is no sound',
      offered: [G729, TELEPHONE_EVENT],
      other: [PCMU],
      expected: [],
    },
  ];
  test.for(ROWS)('has $name', ({ offered, other, expected }) => {
    expect(texts(formatsToAnswer(offered, other, OURS))).toEqual(expected);
  });

  test('has only what both have where nothing is transcoded', () => {
    expect(texts(formatsToAnswer([OPUS, PCMU, TELEPHONE_EVENT], [PCMU], []))).toEqual(['0 pcmu']);
    expect(formatsToAnswer([OPUS], [PCMU], [])).toEqual([]);
  });

  test('says what the other party can receive, and of the rest what we can', () => {
    const own = { ...OPUS, formatParameters: 'useinbandfec=1' };
    const theirs = { ...OPUS, payloadType: 96, formatParameters: 'maxaveragebitrate=20000' };
    expect(formatsToAnswer([OPUS], [theirs], [own])).toEqual([{ ...theirs, payloadType: 111 }]);
    expect(formatsToAnswer([OPUS], [PCMU], [own])).toEqual([own]);
  });
});

test('inOrderOf() moves to the front what the order names, and leaves the rest as it was', () => {
  expect(texts(inOrderOf([OPUS, G722, PCMU, PCMA], [PCMA, G729, OPUS]))).toEqual([
    '8 pcma',
    '111 opus',
    '9 g722',
    '0 pcmu',
  ]);
});
