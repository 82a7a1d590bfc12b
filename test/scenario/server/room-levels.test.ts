// Who is heard in a room, as phones see it: by CSRC and RFC 6465, from what they tell of themselves by RFC 6464.
import { describe, expect } from 'vitest';
import { scenario } from '../../support/index.ts';
import { ConferenceStage } from './conference-stage.ts';

describe('a phone in a conference room', () => {
  scenario('sees who is heard and how loud, by numbers that stay the same', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const [alice, bob, carol] = await stage.dial('3000', 'alice', 'bob', 'carol');
    const changes: number[] = [];
    alice?.call.on('speakers', ({ speakers }) => changes.push(speakers.length));
    await stage.settle();
    const seen = alice?.call.speakers ?? [];
    expect(seen).toHaveLength(2);
    for (const { levelDbov } of seen) {
      expect(levelDbov).toBeGreaterThan(-40);
      expect(levelDbov).toBeLessThan(-3);
    }
    const ofBob = bob?.call.speakers.map(({ ssrc }) => ssrc) ?? [];
    // Both hear carol, and each hears the other.
    expect(seen.filter(({ ssrc }) => ofBob.includes(ssrc))).toHaveLength(1);
    carol?.call.hangUp();
    await carol?.ended();
    await stage.settle();
    expect(alice?.call.speakers.map(({ ssrc }) => ssrc)).toEqual(
      seen.map(({ ssrc }) => ssrc).filter((ssrc) => !ofBob.includes(ssrc)),
    );
    expect(changes.at(-1)).toBe(1);
    await stage.expectQuiet();
  });
});

describe('a phone that comes into a room in mid-sound', () => {
  scenario(
    'is heard by the level that it tells, though its codec finds no voice in a steady tone',
    {},
    async (world) => {
      const stage = await ConferenceStage.open(world, { rooms: { lounge: { pin: '1234' } } });
      const alice = await stage.phone('alice', ['opus']);
      await alice.dial('lounge');
      await world.run(1000);
      await alice.press('1234');
      const [bob] = await stage.dial('lounge', 'bob');
      await bob?.press('1234');
      await stage.settle();
      expect([alice.hears, bob?.hears]).toEqual([['bob'], ['alice']]);
      await stage.expectQuiet();
    },
  );
});

describe('a phone that calls another', () => {
  scenario('tells no levels, and sees no speakers', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const [alice] = await stage.dial('*43', 'alice');
    await stage.settle();
    expect(alice?.call.speakers).toEqual([]);
    await stage.expectQuiet();
  });
});
