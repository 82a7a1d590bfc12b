import { describe, expect, it } from 'vitest';
import type { RoomRecorder } from '../../../../server/room/types.ts';
import { RoomStage } from './room-stage.ts';

describe('Room', () => {
  it('opens a room of the engine for the first member and closes it behind the last', async () => {
    const stage = new RoomStage({ spatial: true, maxTalkers: 3 });
    const alice = await stage.join('alice');
    expect(stage.media.opened).toEqual([
      expect.objectContaining({ callKey: 'room:3000', label: '3000', isSpatial: true, maxTalkers: 3 }),
    ]);
    expect([...stage.media.members.keys()]).toEqual([alice.legId]);
    stage.room.leave(alice, 'hung up');
    await stage.settle();
    expect(stage.media.openRooms.size).toBe(0);
    expect(stage.isClosed).toBe(true);
    expect(stage.told).toEqual(['opened', 'joined alice', 'left alice', 'closed']);
  });

  it('closes the room of the engine also where the only member left while it was being opened', async () => {
    const stage = new RoomStage();
    let open = () => {};
    stage.media.opening = new Promise((resolve) => {
      open = resolve;
    });
    const alice = stage.admit('alice');
    if (typeof alice === 'string') throw new Error(alice);
    stage.room.leave(alice, 'hung up');
    await stage.settle();
    open();
    await stage.settle();
    expect(stage.media.opened).toHaveLength(1);
    expect(stage.media.openRooms.size).toBe(0);
    expect(stage.media.members.size).toBe(0);
  });

  it('lets a member go, with the reason, where the engine opens no room', async () => {
    const stage = new RoomStage();
    stage.media.openFailure = new Error('no worker');
    const alice = await stage.join('alice');
    expect(await alice.dismissed).toMatchObject({ reason: 'the room has failed: no worker' });
    expect(stage.isClosed).toBe(true);
  });

  it('lets a member go whom the engine does not take', async () => {
    const stage = new RoomStage();
    await stage.join('alice');
    stage.media.openRooms.clear();
    const bob = await stage.join('bob');
    expect(await bob.dismissed).toMatchObject({ reason: 'the room has failed: no room 1' });
    expect(stage.room.members.map(({ name }) => name)).toEqual(['alice']);
  });

  it('lets no earlier mute hold a moderator', async () => {
    const stage = new RoomStage();
    const alice = await stage.join('alice');
    const bob = await stage.join('bob');
    stage.room.floor.setAllMuted(true);
    stage.room.leave(alice, 'hung up');
    expect([bob.role, bob.isMuted]).toEqual(['moderator', false]);
    stage.room.floor.setMuted(bob.memberId, true);
    stage.room.floor.setMuted(bob.memberId, false, 'self');
    expect(bob.isMuted).toBe(false);
  });

  it('takes no more than it has places, however soon they come one after the other', async () => {
    const stage = new RoomStage({ maxMembers: 2 });
    const answers = ['alice', 'bob', 'carol'].map((name) => stage.admit(name));
    await stage.settle();
    expect(answers.map((answer) => (typeof answer === 'string' ? answer : 'in'))).toEqual([
      'in',
      'in',
      'full',
    ]);
  });

  it('makes whoever came first the moderator where none is configured, and then the next', async () => {
    const stage = new RoomStage();
    const alice = await stage.join('alice');
    const bob = await stage.join('bob');
    expect([alice.role, bob.role]).toEqual(['moderator', 'member']);
    stage.room.leave(alice, 'hung up');
    expect(bob.role).toBe('moderator');
    expect(stage.told).toContain('moderator bob');
  });

  it('keeps members out of a locked room, and lets moderators in', async () => {
    const stage = new RoomStage({ moderatorPin: '9' });
    await stage.join('alice', 'moderator');
    stage.room.setLocked(true);
    expect(stage.admit('bob')).toBe('locked');
    expect(await stage.join('carol', 'moderator')).toMatchObject({ name: 'carol' });
  });

  it('leaves nothing behind where it opens locked and the first who comes is no moderator', () => {
    const stage = new RoomStage({ locked: true, moderatorPin: '9' });
    expect(stage.admit('bob')).toBe('locked');
    expect([stage.isClosed, stage.told]).toEqual([true, []]);
  });

  it('mutes all but moderators, those as well who come later, and takes it back', async () => {
    const stage = new RoomStage();
    const alice = await stage.join('alice');
    const bob = await stage.join('bob');
    stage.room.floor.setAllMuted(true);
    const carol = await stage.join('carol');
    await stage.settle();
    expect([alice, bob, carol].map((member) => member.isMuted)).toEqual([false, true, true]);
    expect(stage.media.members.get(bob.legId)?.settings.isMuted).toBe(true);
    expect(stage.media.members.get(carol.legId)?.settings.isMuted).toBe(true);
    stage.room.floor.setAllMuted(false);
    await stage.settle();
    expect(stage.media.members.get(bob.legId)?.settings.isMuted).toBe(false);
  });

  it('does not open the microphone of who muted themselves when a moderator unmutes them', async () => {
    const stage = new RoomStage();
    await stage.join('alice');
    const bob = await stage.join('bob');
    stage.room.floor.setMuted(bob.memberId, true, 'self');
    stage.room.floor.setMuted(bob.memberId, true);
    stage.room.floor.setMuted(bob.memberId, false);
    expect(bob.isMuted).toBe(true);
    stage.room.floor.setMuted(bob.memberId, false, 'self');
    expect(bob.isMuted).toBe(false);
    expect(stage.told.filter((told) => told === 'muted bob')).toHaveLength(2);
  });

  it('hears only moderators where members may only listen', async () => {
    const stage = new RoomStage({ listenOnly: true, moderatorPin: '9' });
    const alice = await stage.join('alice', 'moderator');
    const bob = await stage.join('bob');
    expect([alice.isMuted, bob.isMuted]).toEqual([false, true]);
    stage.room.floor.setMuted(bob.memberId, false, 'self');
    expect(bob.isMuted).toBe(true);
  });

  it('neither hears nor is heard by a member who put it on hold', async () => {
    const stage = new RoomStage();
    const alice = await stage.join('alice');
    stage.room.floor.setHeld(alice, true);
    await stage.settle();
    expect(stage.media.members.get(alice.legId)?.settings).toMatchObject({ isMuted: true, isDeaf: true });
    stage.room.floor.setHeld(alice, false);
    await stage.settle();
    expect(stage.media.members.get(alice.legId)?.settings).toMatchObject({ isMuted: false, isDeaf: false });
  });

  it('lets members wait with music until a moderator comes, and again when the last one leaves', async () => {
    const stage = new RoomStage({ waitForModerator: true, moderatorPin: '9' }, { waitMusic: 'music.wav' });
    const bob = await stage.join('bob');
    expect(stage.media.members.size).toBe(0);
    expect(stage.media.looping.get(bob.legId)?.file).toBe('music.wav');
    const alice = await stage.join('alice', 'moderator');
    expect([...stage.media.members.keys()].toSorted()).toEqual([alice.legId, bob.legId]);
    expect(stage.media.looping.size).toBe(0);
    stage.room.handleTalking(bob.legId, true);
    stage.room.leave(alice, 'hung up');
    await stage.settle();
    expect(stage.media.members.size).toBe(0);
    expect(stage.media.played).toContain(`${bob.legId}: moderator-left`);
    expect(bob.state).toMatchObject({ isWaiting: true, isTalking: false });
    const waiting = stage.events.filter(({ type }) => type === 'waiting');
    expect(waiting.map((event) => 'isWaiting' in event && event.isWaiting)).toEqual([true, false, true]);
  });

  it('ends for all when the last moderator leaves, where it is configured so', async () => {
    const stage = new RoomStage({ waitForModerator: true, moderatorPin: '9', whenModeratorLeaves: 'end' });
    const alice = await stage.join('alice', 'moderator');
    const bob = await stage.join('bob');
    stage.room.leave(alice, 'hung up');
    expect(await bob.dismissed).toEqual({ reason: 'the moderator left', prompt: 'conference-over' });
    expect(stage.isClosed).toBe(true);
  });

  it.each([
    { name: 'where whoever came first is the moderator', settings: {} },
    {
      name: 'where members wait for moderators',
      settings: { waitForModerator: true, moderatorPin: '9' } as const,
    },
    {
      name: 'where it ends with the moderator anyway',
      settings: { waitForModerator: true, moderatorPin: '9', whenModeratorLeaves: 'end' } as const,
    },
  ])(
    'ends for all with one reason, and makes nobody anything on the way out, $name',
    async ({ settings }) => {
      const stage = new RoomStage(settings);
      const members = [
        await stage.join('alice', 'moderator'),
        await stage.join('bob'),
        await stage.join('carol'),
      ];
      const before = stage.told.length;
      stage.room.end('ended by alice');
      await stage.settle();
      for (const { dismissed } of members) {
        expect(await dismissed).toEqual({ reason: 'ended by alice', prompt: 'conference-over' });
      }
      expect(stage.told.slice(before)).toEqual(['left alice', 'left bob', 'left carol', 'closed']);
      expect(stage.media.played.filter((what) => /moderator-left|exit/.test(what))).toEqual([]);
    },
  );

  it('brings a member in once, though moderators come, go and come while the room is being opened', async () => {
    const stage = new RoomStage({ waitForModerator: true, moderatorPin: '9' });
    let open = () => {};
    stage.media.opening = new Promise((resolve) => {
      open = resolve;
    });
    const joined: number[] = [];
    const joinRoom = stage.media.joinRoom.bind(stage.media);
    stage.media.joinRoom = (legId, ...rest) => {
      joined.push(legId);
      return joinRoom(legId, ...rest);
    };
    const bob = await stage.join('bob');
    const alice = await stage.join('alice', 'moderator');
    stage.room.leave(alice, 'hung up');
    const carol = await stage.join('carol', 'moderator');
    open();
    await stage.settle();
    expect(joined.toSorted()).toEqual([bob.legId, carol.legId]);
  });

  it('tells the others by a tone who comes and goes, and whoever is alone that they are', async () => {
    const stage = new RoomStage();
    const alice = await stage.join('alice');
    const bob = await stage.join('bob');
    stage.room.leave(bob, 'hung up');
    await stage.settle();
    expect(stage.media.played).toEqual([`${alice.legId}: only-one`, 'all in 1: entry', 'all in 1: exit']);
  });

  it('tells how many there are where counts are configured', async () => {
    const stage = new RoomStage({ announce: 'counts' });
    for (const name of ['alice', 'bob', 'carol']) await stage.join(name);
    expect(stage.media.played.slice(1)).toEqual([
      'all in 1: there-are 2 people',
      'all in 1: there-are 3 people',
    ]);
  });

  it('does not queue an announcement for each of many who come at once', async () => {
    const stage = new RoomStage();
    await stage.join('alice');
    let played = 0;
    let goOn = () => {};
    stage.media.playInRoom = () => {
      played += 1;
      return new Promise<void>((resolve) => {
        goOn = resolve;
      });
    };
    for (const name of 'bcdefghij') await stage.join(name);
    expect(played).toBe(1);
    goOn();
    await stage.settle();
    expect(played).toBe(2);
  });

  it('forgets what was to be done for a member who has left', async () => {
    const stage = new RoomStage();
    await stage.join('alice');
    const bob = await stage.join('bob');
    expect(stage.room.kick(bob.memberId)).toBe(true);
    expect(stage.room.kick(bob.memberId)).toBe(false);
    expect(stage.room.floor.setMuted(bob.memberId, true)).toBe(false);
    bob.apply();
    await stage.settle();
    expect(stage.media.members.has(bob.legId)).toBe(false);
    expect(stage.told.filter((told) => told === 'left bob')).toHaveLength(1);
  });

  it('does not call a member who is muted talking, whatever the engine still heard', async () => {
    const stage = new RoomStage();
    const alice = await stage.join('alice');
    stage.room.handleTalking(alice.legId, true);
    stage.room.floor.setMuted(alice.memberId, true, 'self');
    stage.room.handleTalking(alice.legId, true);
    expect(alice.state.isTalking).toBe(false);
    const talking = stage.events.filter(({ type }) => type === 'talking');
    expect(talking.map((event) => 'isTalking' in event && event.isTalking)).toEqual([true, false]);
  });

  it('counts how long each member talked', async () => {
    const stage = new RoomStage();
    const alice = await stage.join('alice');
    stage.room.handleTalking(alice.legId, true);
    await stage.world.run(1500);
    stage.room.handleTalking(alice.legId, false);
    await stage.world.run(500);
    stage.room.handleTalking(alice.legId, true);
    await stage.world.run(500);
    stage.room.leave(alice, 'hung up');
    expect(stage.events.find(({ type }) => type === 'left')).toMatchObject({ talkedMs: 2000 });
  });

  it('starts the recording that is configured with the first member, and ends it before the room', async () => {
    const log: string[] = [];
    const recorder: RoomRecorder = {
      start: async ({ name }) => {
        log.push(`start ${name}`);
        return {
          files: ['3000.wav'],
          note: ({ type, legId }) => void log.push(`${type} ${legId}`),
          stop: async () => {
            log.push(`stop, ${stage.media.openRooms.size} open`);
            return [];
          },
        };
      },
    };
    const stage = new RoomStage({ record: true }, { recorder });
    const alice = await stage.join('alice');
    expect(stage.room.state.isRecording).toBe(true);
    stage.room.floor.setHeld(alice, true);
    stage.room.floor.setHeld(alice, false);
    stage.room.leave(alice, 'hung up');
    await stage.settle();
    const { legId } = alice;
    expect(log).toEqual(['start 3000', `hold ${legId}`, `resume ${legId}`, 'stop, 1 open']);
    expect(stage.media.openRooms.size).toBe(0);
  });

  it('starts the configured recording also where several come in at once', async () => {
    let starts = 0;
    const recorder: RoomRecorder = {
      start: async () => {
        starts += 1;
        return { files: [], note: () => {}, stop: async () => [] };
      },
    };
    const settings = { record: true, waitForModerator: true, moderatorPin: '9' };
    const stage = new RoomStage(settings, { recorder });
    await stage.join('bob');
    await stage.join('carol');
    expect(starts).toBe(0);
    await stage.join('alice', 'moderator');
    expect([starts, stage.room.state.isRecording]).toEqual([1, true]);
  });

  it('is not recorded any more where the recording failed by itself, and can be again', async () => {
    let fail: (reason: string) => void = () => {};
    const recorder: RoomRecorder = {
      start: async (_room, onFailed) => {
        fail = onFailed;
        return { files: [], note: () => {}, stop: async () => [] };
      },
    };
    const stage = new RoomStage({ record: true }, { recorder });
    await stage.join('alice');
    fail('the disk is full');
    await stage.settle();
    expect(stage.room.state.isRecording).toBe(false);
    expect(await stage.room.setRecording(true)).toBe(true);
  });
});
