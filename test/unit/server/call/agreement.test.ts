import { describe, expect, test } from 'vitest';
import type { MediaEngine } from '../../../../media/index.ts';
import { connectParties } from '../../../../server/call/agreement.ts';
import type { LegSettings, PartyMedia } from '../../../../server/call/party.ts';

const RATES: Readonly<Record<string, number>> = { opus: 48_000 };

/** Connects two parties that agreed on these encodings; tells what became of their legs. */
async function connect(leader: readonly string[], other: readonly string[]) {
  const legs: Record<string, { formats: readonly string[] | undefined; detectsTones: boolean | undefined }> =
    {};
  const connected: number[][] = [];
  const party = (legId: number, encodings: readonly string[]) => {
    const sendFormats = encodings.map((encoding, index) => ({
      // Each side numbers its own.
      payloadType: 96 + 10 * legId + index,
      encoding,
      clockRateHz: RATES[encoding] ?? 8000,
      channels: 1,
    }));
    const apply = async ({ formats, detectsTones }: LegSettings) => {
      expect(connected).toEqual([]);
      legs[legId] = { formats: formats?.map(({ encoding }) => encoding), detectsTones };
    };
    // Cast: of a party, only this is touched here.
    return { legId, agreed: { sendFormats }, apply } as unknown as PartyMedia;
  };
  const media = { connect: async (legA: number, legB: number) => void connected.push([legA, legB]) };
  await connectParties(media as unknown as MediaEngine, party(1, leader), party(2, other));
  expect(connected).toEqual([[1, 2]]);
  return { leader: legs[1], other: legs[2] };
}

describe('connectParties()', () => {
  const ORDERS = [
    {
      name: 'both have what they share in front, as the leader orders it',
      agreed: [
        ['pcma', 'pcmu'],
        ['opus', 'pcmu', 'pcma'],
      ],
      legs: [
        ['pcma', 'pcmu'],
        ['pcma', 'pcmu', 'opus'],
      ],
    },
    {
      name: 'a leader that prefers what the other lacks uses what they share',
      agreed: [['opus', 'pcmu'], ['pcmu']],
      legs: [['pcmu', 'opus'], ['pcmu']],
    },
    {
      name: 'digits that they share come before no sound',
      agreed: [
        ['opus', 'telephone-event'],
        ['pcmu', 'telephone-event'],
      ],
      legs: [
        ['opus', 'telephone-event'],
        ['pcmu', 'telephone-event'],
      ],
    },
  ];
  test.for(ORDERS)('$name', async ({ agreed: [leader = [], other = []], legs }) => {
    const made = await connect(leader, other);
    expect([made.leader?.formats, made.other?.formats]).toEqual(legs);
  });

  const TONES = [
    { leader: ['pcmu'], other: ['pcmu', 'telephone-event'], expected: [true, false] },
    { leader: ['pcmu', 'telephone-event'], other: ['pcmu'], expected: [false, true] },
    { leader: ['pcmu'], other: ['pcmu'], expected: [false, false] },
    { leader: ['pcmu', 'telephone-event'], other: ['pcmu', 'telephone-event'], expected: [false, false] },
  ];
  test.for(TONES)(
    'tones of $leader are listened for beside $other: $expected',
    async ({ leader, other, expected }) => {
      const made = await connect(leader, other);
      expect([made.leader?.detectsTones, made.other?.detectsTones]).toEqual(expected);
    },
  );
});
