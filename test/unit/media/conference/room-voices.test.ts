// Who is heard in a beat, and what stays of those who leave.
import { describe, expect, it } from 'vitest';
import type { RoomMember } from '../../../../media/conference/room-member.ts';
import { RoomVoices } from '../../../../media/conference/room-voices.ts';

class FakeMember {
  readonly legId: number;
  readonly levelDbov = -20;
  readonly settings = { isMuted: false };
  readonly voice = new Float32Array(960);
  readonly place = {};
  placeBefore: object | undefined;
  mayTalk = true;
  isHeard = false;
  isAsleep = false;
  awakeUntil = Number.POSITIVE_INFINITY;
  isBroken = false;
  readonly presence = { isAwake: (now: number) => now < this.awakeUntil };

  constructor(legId: number) {
    this.legId = legId;
  }

  hear(): void {
    if (this.isBroken) throw new Error('broken');
  }

  speak(isMixed: boolean): void {
    this.isHeard ||= isMixed;
  }

  fallAsleep(): void {
    this.isAsleep = true;
    this.isHeard = false;
  }
}

function createVoices(count: number, maxTalkers?: number) {
  const failed: number[] = [];
  const voices = new RoomVoices(maxTalkers, (member) => {
    failed.push(member.legId);
    voices.leave(0, member);
  });
  const fakes = Array.from({ length: count }, (_, index) => new FakeMember(index + 1));
  // Of a member it needs what the fake has.
  const members = fakes as unknown as readonly RoomMember[];
  for (const member of members) voices.wake(member);
  const heard = () => voices.heard.map(({ legId }) => legId);
  return { voices, fakes, members, failed, heard };
}

describe('RoomVoices', () => {
  it.each([
    { asked: 2, heard: [1, 2, 3] },
    { asked: 0, heard: [1, 2] },
    { asked: Number.NaN, heard: [1, 2, 3, 4, 5, 6] },
  ])('hears as many as may be, and one guest: $asked', ({ asked, heard }) => {
    const stage = createVoices(7, asked);
    stage.voices.hear(0);
    expect(stage.heard()).toEqual(heard);
  });

  it('parts from whoever cannot be read, and hears the others', () => {
    const { voices, fakes, failed, heard } = createVoices(3);
    for (const fake of fakes) if (fake.legId === 2) fake.isBroken = true;
    voices.hear(0);
    expect([failed, heard()]).toEqual([[2], [1, 3]]);
  });

  it('keeps the last word of who leaves, and nothing else of it', () => {
    const { voices, fakes, members, heard } = createVoices(2);
    voices.hear(0);
    for (const member of members) voices.leave(20, member);
    expect(voices.lastWords).toEqual(fakes.map(({ voice }) => voice));
    expect(fakes.every(({ isAsleep, isHeard }) => isAsleep && !isHeard)).toBe(true);
    expect([heard(), voices.isEmpty]).toEqual([[], true]);
  });

  it('keeps no word of who was not heard, or cannot be read', () => {
    const { voices, fakes, members } = createVoices(2, 1);
    voices.hear(0);
    const [first, second] = fakes;
    if (!first || !second) throw new Error('there are two');
    first.isBroken = true;
    second.isHeard = false;
    for (const member of members) voices.leave(20, member);
    expect(voices.lastWords).toEqual([]);
    expect(first.isAsleep).toBe(true);
  });

  it('lets go of those who are silent or muted, and tells of everybody', () => {
    const { voices, fakes } = createVoices(3);
    const [, second, third] = fakes;
    if (!second || !third) throw new Error('there are three');
    second.awakeUntil = 10;
    third.settings.isMuted = true;
    const told: number[] = [];
    voices.hear(20);
    voices.endBeat(20, (_now, { legId }) => told.push(legId));
    expect(told.toSorted()).toEqual([1, 2, 3]);
    expect(fakes.map(({ isAsleep }) => isAsleep)).toEqual([false, true, true]);
    expect(fakes.every(({ place, placeBefore }) => place === placeBefore)).toBe(true);
  });
});
