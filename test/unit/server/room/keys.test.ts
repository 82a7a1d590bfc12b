import { describe, expect, it } from 'vitest';
import { KEY_PAUSE_MS, KeyReader } from '../../../../server/room/key-reader.ts';
import { KEY_TABLES, type KeyAction } from '../../../../server/room/keys.ts';
import type { Member } from '../../../../server/room/member.ts';
import { runKey } from '../../../../server/room/member-keys.ts';
import type { RoomRole, RoomSettings } from '../../../../server/room/types.ts';
import { createWorld } from '../../../support/world.ts';
import { RoomStage } from './room-stage.ts';

async function actionsOf(
  presses: string,
  preset: RoomSettings['keys'],
  role: RoomRole,
): Promise<readonly KeyAction[]> {
  const world = createWorld();
  const actions: KeyAction[] = [];
  const reader = new KeyReader({
    runtime: world.host('server', { addresses: ['192.0.2.1'] }),
    table: () => KEY_TABLES[preset][role],
    onAction: (action) => actions.push(action),
  });
  // A blank is a pause.
  for (const press of presses) press === ' ' ? await world.run(KEY_PAUSE_MS + 1) : reader.push(press);
  reader.close();
  await world.run(2 * KEY_PAUSE_MS);
  return actions;
}

describe('KeyReader', () => {
  it.each<{
    name: string;
    presses: string;
    preset: RoomSettings['keys'];
    role: RoomRole;
    expected: KeyAction[];
  }>([
    {
      name: 'single keys of ConfBridge',
      presses: '17',
      preset: 'confbridge',
      role: 'member',
      expected: ['toggleMute', 'talkQuieter'],
    },
    {
      name: 'the same behind a star',
      presses: '*1*8',
      preset: 'confbridge',
      role: 'member',
      expected: ['toggleMute', 'leave'],
    },
    {
      name: 'a star alone as the menu',
      presses: '* ',
      preset: 'confbridge',
      role: 'member',
      expected: ['menu'],
    },
    {
      name: 'a star that is closed too soon as nothing',
      presses: '*',
      preset: 'confbridge',
      role: 'member',
      expected: [],
    },
    {
      name: 'keys of moderators',
      presses: '230',
      preset: 'confbridge',
      role: 'moderator',
      expected: ['toggleLock', 'kickLast', 'toggleMuteAll'],
    },
    { name: 'none of those for members', presses: '23', preset: 'confbridge', role: 'member', expected: [] },
    {
      name: 'no leaving by mistake for moderators',
      presses: '8',
      preset: 'confbridge',
      role: 'moderator',
      expected: ['none'],
    },
    {
      name: 'keys of FreeSWITCH',
      presses: '0*123#',
      preset: 'freeswitch',
      role: 'member',
      expected: ['toggleMute', 'toggleDeafMute', 'talkQuieter', 'talkReset', 'talkLouder', 'leave'],
    },
    {
      name: 'a star of FreeSWITCH that waits for moderators',
      presses: '* *1',
      preset: 'freeswitch',
      role: 'moderator',
      expected: ['toggleDeafMute', 'toggleLock'],
    },
    {
      name: 'nothing without a preset',
      presses: '0123456789*#',
      preset: 'none',
      role: 'moderator',
      expected: [],
    },
    {
      name: 'the key behind a sequence that means nothing',
      presses: '**1',
      preset: 'confbridge',
      role: 'member',
      expected: ['toggleMute'],
    },
  ])('reads $name', async ({ presses, preset, role, expected }) => {
    expect(await actionsOf(presses, preset, role)).toEqual(expected);
  });
});

describe('runKey()', () => {
  const press = async (action: KeyAction, prepare: (stage: RoomStage) => Promise<Member>) => {
    const stage = new RoomStage();
    const member = await prepare(stage);
    let hasLeft = false;
    runKey(action, stage.room, member, () => {
      hasLeft = true;
    });
    await stage.settle();
    return { stage, member, hasLeft, said: stage.media.played.at(-1) };
  };
  const alone = (stage: RoomStage) => stage.join('alice');
  const withBob = async (stage: RoomStage) => {
    const alice = await stage.join('alice');
    await stage.join('bob');
    return alice;
  };

  it('mutes and says so', async () => {
    const { member, said } = await press('toggleMute', alone);
    expect([member.isMuted, said]).toEqual([true, `${member.legId}: muted`]);
  });

  it('makes deaf and mute in one', async () => {
    const { stage, member } = await press('toggleDeafMute', alone);
    expect(stage.media.members.get(member.legId)?.settings).toMatchObject({ isMuted: true, isDeaf: true });
  });

  it('makes the voice of the member louder by 3 dB', async () => {
    const { stage, member } = await press('talkLouder', alone);
    expect(stage.media.members.get(member.legId)?.settings.gainDb).toBe(3);
  });

  it('leaves', async () => {
    expect((await press('leave', alone)).hasLeft).toBe(true);
  });

  it('counts for the member alone', async () => {
    const { stage, member } = await press('count', withBob);
    expect(stage.media.played.slice(-3)).toEqual(
      ['there-are', '2', 'people'].map((prompt) => `${member.legId}: ${prompt}`),
    );
  });

  it('locks, and says so', async () => {
    const { stage, said, member } = await press('toggleLock', alone);
    expect([stage.room.isLocked, said]).toEqual([true, `${member.legId}: now-locked`]);
  });

  it('removes the last who came, never the one who pressed', async () => {
    const { stage } = await press('kickLast', withBob);
    expect(stage.room.members.map(({ name }) => name)).toEqual(['alice']);
    expect((await press('kickLast', alone)).stage.room.members).toHaveLength(1);
  });

  it('removes no moderator: that is no slip of a key', async () => {
    const { stage } = await press('kickLast', async (room) => {
      const alice = await withBob(room);
      await room.join('carol', 'moderator');
      return alice;
    });
    expect(stage.room.members.map(({ name }) => name)).toEqual(['alice', 'carol']);
  });

  it('mutes all others', async () => {
    const { stage } = await press('toggleMuteAll', withBob);
    expect(stage.room.members.map(({ isMuted }) => isMuted)).toEqual([false, true]);
  });

  it('does nothing for who has left', async () => {
    const stage = new RoomStage();
    const alice = await stage.join('alice');
    stage.room.leave(alice, 'hung up');
    runKey('toggleMute', stage.room, alice, () => {});
    expect(alice.isMuted).toBe(false);
  });
});
