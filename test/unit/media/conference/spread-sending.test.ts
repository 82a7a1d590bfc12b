// Large rooms send in portions, and in the same order each time.
import { describe, expect, it } from 'vitest';
import type { RoomMember } from '../../../../media/conference/room-member.ts';
import { SpreadSending } from '../../../../media/conference/spread-sending.ts';

/** Listeners that keep when they got which slot. */
function listeners(count: number) {
  const got: { readonly at: number; readonly slot: number }[][] = [];
  const members = Array.from({ length: count }, (_, index) => {
    const mine: { readonly at: number; readonly slot: number }[] = [];
    got[index] = mine;
    const output = { send: (at: number, _packet: Uint8Array, slot: number) => mine.push({ at, slot }) };
    // Of a member no more is looked at.
    return { output, hearing: {} } as unknown as RoomMember;
  });
  return { members, got };
}

const PACKET = new Uint8Array(20);

describe('SpreadSending', () => {
  it('sends at once what is one portion', () => {
    const { members, got } = listeners(100);
    const sending = new SpreadSending();
    sending.send(5, PACKET, 1, members);
    expect(got.every(([first]) => first?.at === 5)).toBe(true);
    expect(sending.nextAt).toBeUndefined();
  });

  it('sends what is more in portions, a millisecond apart, each listener in its turn', () => {
    const { members, got } = listeners(250);
    const sending = new SpreadSending();
    sending.send(5, PACKET, 1, members);
    for (let next = sending.nextAt; next !== undefined; next = sending.nextAt) sending.handleTimeout(next);
    expect(got.map(([first]) => first?.at)).toEqual([
      ...Array(100).fill(5),
      ...Array(100).fill(6),
      ...Array(50).fill(7),
    ]);
  });

  it('sends all that waits before the next beat, and passes over who has left', () => {
    const { members, got } = listeners(150);
    const sending = new SpreadSending();
    sending.send(5, PACKET, 1, members);
    const gone = members[120];
    if (gone) gone.hearing = undefined;
    sending.flush(9);
    expect(got.map((mine) => mine.length)).toEqual(
      Array.from({ length: 150 }, (_, i) => (i === 120 ? 0 : 1)),
    );
    expect(sending.nextAt).toBeUndefined();
  });

  it('keeps packets in order where the next comes before all were sent', () => {
    const { members, got } = listeners(120);
    const sending = new SpreadSending();
    sending.send(5, PACKET, 1, members);
    sending.send(5, PACKET, 2, members.slice(0, 3));
    sending.handleTimeout(50);
    expect(got.slice(0, 3).map((mine) => mine.map(({ slot }) => slot))).toEqual(Array(3).fill([1, 2]));
  });
});
