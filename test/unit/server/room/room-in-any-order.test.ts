import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Member } from '../../../../server/room/member.ts';
import type { RoomSettings } from '../../../../server/room/types.ts';
import { RoomStage } from './room-stage.ts';

const NAMES = ['alice', 'bob', 'carol', 'dave'] as const;

const settings = fc.constantFrom<Partial<RoomSettings>>(
  {},
  { maxMembers: 2 },
  { moderatorPin: '9', waitForModerator: true },
  { moderatorPin: '9', waitForModerator: true, whenModeratorLeaves: 'end' },
  { moderatorPin: '9', waitForModerator: true, whenModeratorLeaves: 'stay' },
);

const who = fc.constantFrom(...NAMES);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('come' as const), who, isModerator: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('go' as const), who }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('kick' as const, 'hold' as const, 'mute' as const), who }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('open' as const, 'settle' as const, 'muteAll' as const, 'end' as const),
    }),
  },
);

/** Whoever is in the mix, by what the room says. */
function present(stage: RoomStage): readonly number[] {
  return stage.room.members
    .filter(({ isWaiting }) => !isWaiting)
    .map(({ legId }) => legId)
    .toSorted();
}

describe('Room, whatever its members do while the engine takes its time,', () => {
  it('has in the mix whom it says, and nobody when it is closed', async () => {
    await fc.assert(
      fc.asyncProperty(settings, fc.array(step, { minLength: 3, maxLength: 14 }), async (given, steps) => {
        const stage = new RoomStage(given);
        let open = () => {};
        stage.media.opening = new Promise((resolve) => {
          open = resolve;
        });
        const find = (name: string) => stage.room.members.find((member) => member.name === name);
        for (const one of steps) {
          if (stage.isClosed) break;
          if (one.do === 'come' && !find(one.who)) {
            stage.admit(one.who, one.isModerator ? 'moderator' : 'member');
          } else if (one.do === 'open') open();
          else if (one.do === 'settle') await stage.settle();
          else if (one.do === 'end') stage.room.end('a test');
          else if (one.do === 'muteAll') stage.room.floor.setAllMuted(!stage.room.floor.areAllMuted);
          const member = 'who' in one ? find(one.who) : undefined;
          if (!(member instanceof Member)) continue;
          if (one.do === 'go') stage.room.leave(member, 'hung up');
          else if (one.do === 'kick') stage.room.kick(member.memberId);
          else if (one.do === 'hold') stage.room.floor.setHeld(member, !member.isHeld);
          else if (one.do === 'mute') stage.room.floor.setMuted(member.memberId, !member.isMuted, 'self');
        }
        open();
        await stage.settle();
        expect([...stage.media.members.keys()].toSorted()).toEqual(present(stage));
        for (const member of stage.room.members) {
          const settings = stage.media.members.get(member.legId)?.settings;
          if (settings) expect(settings.isMuted).toBe(member.isMuted || member.isHeld);
        }
        for (const member of stage.room.members) stage.room.leave(member, 'hung up');
        await stage.settle();
        expect([stage.media.members.size, stage.media.openRooms.size]).toEqual([0, 0]);
        const count = (type: string) => stage.events.filter((event) => event.type === type).length;
        expect([count('left'), count('closed')]).toEqual([count('joined'), count('opened')]);
      }),
      { numRuns: 500, seed: 4 },
    );
  });
});
