import { describe, expect, it } from 'vitest';
import { runRoomCommand } from '../../../../server/room/commands.ts';
import type { RoomCommand } from '../../../../signaling/index.ts';
import { RoomStage } from './room-stage.ts';

/** A moderator and two members, and what came of a command of one of them. */
async function runAs(who: 'alice' | 'bob', command: RoomCommand, spatial = false) {
  const stage = new RoomStage({ spatial });
  const [alice, bob, carol] = [await stage.join('alice'), await stage.join('bob'), await stage.join('carol')];
  const reply = await runRoomCommand(stage.room, who === 'alice' ? alice : bob, command);
  await stage.settle();
  return { stage, alice, bob, carol, reply };
}

describe('runRoomCommand()', () => {
  it('lists who is there', async () => {
    const { reply } = await runAs('bob', { command: 'roster' });
    expect(reply).toMatchObject({ ok: true, room: '3000', count: 3, isLocked: false });
    expect(reply.members?.map(({ name, role }) => `${name} ${role}`)).toEqual([
      'alice moderator',
      'bob member',
      'carol member',
    ]);
  });

  it.each<{ command: RoomCommand; reason: string }>([
    { command: { command: 'mute', member: 'carol' }, reason: 'only moderators may mute others' },
    { command: { command: 'mute', member: 'all' }, reason: 'only moderators may mute others' },
    { command: { command: 'kick', member: 'alice' }, reason: 'only moderators may remove others' },
    { command: { command: 'lock' }, reason: 'only moderators may lock the room' },
    { command: { command: 'record', isOn: true }, reason: 'only moderators may record' },
    { command: { command: 'end' }, reason: 'only moderators may end the conference' },
    {
      command: { command: 'position', member: 'alice', x: 0, y: 0 },
      reason: 'only moderators may move others',
    },
  ])('refuses a member $command.command', async ({ command, reason }) => {
    const { reply, stage } = await runAs('bob', command, true);
    expect(reply).toEqual({ ok: false, reason });
    expect(stage.room.members.map(({ isMuted }) => isMuted)).toEqual([false, false, false]);
    expect(stage.room.isLocked).toBe(false);
  });

  it('lets members mute themselves', async () => {
    const { bob, reply } = await runAs('bob', { command: 'mute', member: 'self' });
    expect([bob.isMuted, reply.ok]).toEqual([true, true]);
  });

  it('mutes one and all for moderators', async () => {
    expect((await runAs('alice', { command: 'mute', member: 'carol' })).carol.isMuted).toBe(true);
    const { alice, bob, carol } = await runAs('alice', { command: 'mute', member: 'all' });
    expect([alice, bob, carol].map(({ isMuted }) => isMuted)).toEqual([false, true, true]);
  });

  it('removes by name, but never the one who asks', async () => {
    const { carol, reply } = await runAs('alice', { command: 'kick', member: 'carol' });
    expect(await carol.dismissed).toMatchObject({ reason: 'removed by alice', prompt: 'kicked' });
    expect(reply.count).toBe(2);
    expect((await runAs('alice', { command: 'kick', member: 'alice' })).reply.ok).toBe(false);
  });

  it('tells phones of one user apart by the number that the roster has', async () => {
    const stage = new RoomStage();
    const [alice, first, second] = [
      await stage.join('alice'),
      await stage.join('bob'),
      await stage.join('bob'),
    ];
    const { members = [] } = await runRoomCommand(stage.room, alice, { command: 'roster' });
    const number = members.findLast(({ name }) => name === 'bob')?.memberId;
    const muted = { command: 'mute', member: `#${number}` } as const;
    expect((await runRoomCommand(stage.room, alice, muted)).ok).toBe(true);
    expect([first.isMuted, second.isMuted]).toEqual([false, true]);
    await runRoomCommand(stage.room, alice, { command: 'kick', member: 'bob' });
    expect(stage.room.members).toEqual([alice]);
  });

  it('says that nobody is called so', async () => {
    const { reply } = await runAs('alice', { command: 'mute', member: 'dave' });
    expect(reply).toEqual({ ok: false, reason: 'nobody here is called "dave"' });
  });

  it('moves a member where the room is spatial, and says so where it is not', async () => {
    const command: RoomCommand = { command: 'position', x: 2, y: 1, facingDegrees: 90 };
    const { stage, bob } = await runAs('bob', command, true);
    expect(stage.media.members.get(bob.legId)?.settings).toMatchObject({
      position: { x: 2, y: 1, z: 0 },
      facingDegrees: 90,
    });
    expect((await runAs('bob', command)).reply.reason).toMatch(/^this room has no positions/);
  });

  it('says that a room cannot be recorded where nothing records', async () => {
    const { reply } = await runAs('alice', { command: 'record', isOn: true });
    expect(reply).toEqual({ ok: false, reason: 'the room cannot be recorded' });
  });

  it('does nothing for who has left', async () => {
    const { stage, alice } = await runAs('alice', { command: 'roster' });
    stage.room.leave(alice, 'hung up');
    const reply = await runRoomCommand(stage.room, alice, { command: 'lock' });
    expect([reply.ok, stage.room.isLocked]).toEqual([false, false]);
  });
});
