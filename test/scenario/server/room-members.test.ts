// Members of conference rooms: their commands, hold, digits by INFO, and ways out at any moment.
import { describe, expect } from 'vitest';
import { DecodeError } from '../../../core/index.ts';
import { parseTimeline } from '../../../media/index.ts';
import { scenario } from '../../support/index.ts';
import { MemoryRecordings } from '../../support/memory-recordings.ts';
import { ConferenceStage } from './conference-stage.ts';

describe('commands to a conference room', () => {
  scenario('list, mute, remove and lock, by the role of who asks', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const [alice, bob, carol] = await stage.dial('3000', 'alice', 'bob', 'carol');
    if (!alice || !bob || !carol) throw new Error('three were called');
    await stage.settle();
    expect(await world.complete(bob.call.room({ command: 'mute', member: 'all' }))).toEqual({
      ok: false,
      reason: 'only moderators may mute others',
    });
    const reply = await world.complete(alice.call.room({ command: 'mute', member: 'bob' }));
    expect(reply.members?.map(({ name, isMuted }) => [name, isMuted])).toEqual([
      ['alice', false],
      ['bob', true],
      ['carol', false],
    ]);
    await stage.settle();
    expect(carol.hears).toEqual(['alice']);
    expect(await world.complete(alice.call.room({ command: 'lock' }))).toMatchObject({ isLocked: true });
    expect(await world.complete(alice.call.room({ command: 'kick', member: 'carol' }))).toMatchObject({
      count: 2,
    });
    await carol.ended();
    await carol.dial('3000');
    expect(carol.report?.status).toBe(403);
    await stage.expectQuiet();
  });

  scenario('that make no sense are refused, and harm nothing', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const [dave] = await stage.system.phones('dave');
    const call = dave.call('3000');
    await world.runUntil(() => call.state === 'confirmed');
    const send = async (contentType: string, body: string) =>
      (await world.complete(call.request('INFO', { contentType, body }))).status;
    const type = 'application/vnd.patchcord.room+json';
    for (const body of [
      '',
      '{',
      '[]',
      '{"command":"kick"}',
      '{"command":"position","x":1e999,"y":0}',
      '9'.repeat(5000),
    ]) {
      expect(await send(type, body), body.slice(0, 40)).toBe(400);
    }
    expect(await send('application/dtmf-relay', 'Signal=Q')).toBe(400);
    expect(await send('text/plain', 'hello')).toBe(415);
    expect(await send(type, '{"command":"roster"}')).toBe(200);
    expect(
      (await world.complete(call.request('MESSAGE', { contentType: 'text/plain', body: 'x' }))).status,
    ).toBe(405);
    expect(stage.system.server.rooms()[0]?.members).toHaveLength(1);
    call.end();
    await stage.expectQuiet();
  });

  scenario('reach a phone that is no room, and are told apart from a refusal', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const bob = await stage.phone('bob');
    bob.phone.on('call', (incoming) => void incoming.accept());
    await world.complete(bob.phone.register());
    const [alice] = await stage.dial('bob', 'alice');
    if (!alice) throw new Error('alice calls');
    const reply = await world.complete(alice.call.room({ command: 'mute', member: 'all' }));
    expect(reply.ok).toBe(false);
    expect(reply.reason).toMatch(
      /^the far end takes no room commands \(415 .*\); by keys, Asterisk: 1 mutes you/,
    );
    await stage.expectQuiet();
  });

  scenario('from the library: a member who has just left is told apart from a fault', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const room = stage.system.server.room('3000');
    expect(() => room.muteAll()).toThrow('nobody is in the room "3000"');
    const [alice, bob] = await stage.dial('3000', 'alice', 'bob');
    await stage.settle();
    const [, second] = room.state?.members ?? [];
    if (!alice || !bob || !second) throw new Error('two are there');
    room.muteAll();
    await stage.settle();
    expect(alice.hears).toEqual([]);
    expect(await world.complete(room.report())).toMatchObject({ label: '3000' });
    bob.call.hangUp();
    await stage.settle();
    expect(() => room.kick(second.memberId)).toThrow(
      'there is no member 2 in the room "3000", or not any more',
    );
    room.end();
    await alice.ended();
    expect((await stage.system.recordOf('alice'))?.reason).toMatch(/^the conference was ended; spoke for/);
    await stage.expectQuiet();
  });
});

describe('a member of a conference room', () => {
  scenario('who puts it on hold is not heard, and comes back', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const [alice, bob] = await stage.dial('3000', 'alice', 'bob');
    await stage.settle();
    expect(await world.complete(bob?.call.hold() ?? Promise.resolve(false))).toBe(true);
    await stage.settle();
    expect(stage.system.server.rooms()[0]?.members[1]).toMatchObject({ name: 'bob', isHeld: true });
    expect(alice?.hears).toEqual([]);
    expect(await world.complete(bob?.call.resume() ?? Promise.resolve(false))).toBe(true);
    await stage.settle();
    expect([alice?.hears, bob?.hears]).toEqual([['bob'], ['alice']]);
    await stage.expectQuiet();
  });

  scenario('without telephone-events presses keys by INFO', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const [dave] = await stage.system.phones('dave');
    dave.formats = ['0'];
    const call = dave.call('3000');
    await world.runUntil(() => call.state === 'confirmed');
    await world.run(200);
    const press = (digit: string) =>
      world.complete(
        call.request('INFO', {
          contentType: 'application/dtmf-relay',
          body: `Signal=${digit}\r\nDuration=100\r\n`,
        }),
      );
    expect((await press('1')).status).toBe(200);
    expect(stage.system.server.rooms()[0]?.members[0]?.isMuted).toBe(true);
    call.end();
    await stage.expectQuiet();
  });

  scenario('may leave at any moment, and several at once', { seed: 7 }, async (world) => {
    const stage = await ConferenceStage.open(world, { rooms: { lounge: { pin: '1', announce: 'counts' } } });
    const names = ['alice', 'bob', 'carol', 'dave', 'erin'];
    const phones = await stage.system.phones('alice', 'bob', 'carol', 'dave', 'erin');
    for (let round = 0; round < 6; round += 1) {
      const calls = phones.map((phone, index) => {
        const call = phone.call(round % 2 === 0 ? '3000' : 'lounge');
        call.once('accepted', () => {
          const body = 'Signal=1\r\nDuration=100\r\n';
          void call.request('INFO', { contentType: 'application/dtmf-relay', body });
        });
        return { call, leaveAt: world.now() + world.random.float() * 3000 * (index + 1) };
      });
      while (calls.some(({ call }) => call.state !== 'terminated')) {
        for (const { call, leaveAt } of calls) if (world.now() >= leaveAt) call.end();
        await world.run(20);
      }
    }
    await world.run(500);
    expect(stage.system.server.rooms()).toEqual([]);
    const joined = stage.events.filter(({ type }) => type === 'joined').length;
    expect(stage.events.filter(({ type }) => type === 'left')).toHaveLength(joined);
    expect(joined).toBeGreaterThan(names.length);
    await stage.expectQuiet();
  });
});

describe('a conference room is recorded', () => {
  scenario(
    'from its beginning, and by the moderator: tracks by name, with who was on hold',
    {},
    async (world) => {
      const disk = new MemoryRecordings();
      const recording = { calls: 'never', format: 'wav', folder: '/rec', tracks: true } as const;
      const stage = await ConferenceStage.open(world, {
        recording,
        recordingFiles: disk,
        conference: { record: true, announce: 'none' },
      });
      const [alice, bob] = await stage.dial('3000', 'alice', 'bob');
      if (!alice || !bob) throw new Error('two were called');
      await stage.settle();
      await world.complete(bob.call.hold());
      await world.run(300);
      await world.complete(bob.call.resume());
      await world.run(300);
      expect(await world.complete(alice.call.room({ command: 'roster' }))).toMatchObject({
        isRecording: true,
      });
      // Ends it.
      await alice.press('*#');
      expect(stage.system.server.rooms()[0]?.isRecording).toBe(false);
      const told = stage.events.filter((event) => event.type === 'recording');
      expect(told.map(({ isRecording }) => isRecording)).toEqual([true, false]);
      const files = told.at(-1)?.files ?? [];
      expect([...disk.files.keys()].toSorted()).toEqual([...files].toSorted());
      const timeline = parseTimeline(disk.read(files.at(-1) ?? ''));
      if (timeline instanceof DecodeError) throw new Error(timeline.toString());
      const types = timeline.events.map(({ type }) => type);
      expect(types).toContain('hold');
      expect(types.indexOf('resume')).toBeGreaterThan(types.indexOf('hold'));
      expect(await world.complete(alice.call.room({ command: 'record', isOn: true }))).toMatchObject({
        isRecording: true,
      });
      await stage.expectQuiet();
    },
  );
});

describe('a conference room ends', () => {
  const rooms = {
    lounge: { pin: '1' },
    stage: { waitForModerator: true, moderators: ['alice'] },
  };

  scenario('with the server, whatever its callers are at', {}, async (world) => {
    const stage = await ConferenceStage.open(world, { rooms });
    await stage.dial('3000', 'alice', 'bob');
    const [carol] = await stage.dial('lounge', 'carol');
    const [dave] = await stage.dial('stage', 'dave');
    await world.run(500);
    await world.complete(stage.system.server.close());
    await world.run(500);
    expect([carol?.hasEnded, dave?.hasEnded]).toEqual([true, true]);
    const { calls, rooms: left } = stage.system.server.counts;
    expect([calls, left, stage.system.media.legCount, stage.system.media.roomCount]).toEqual([0, 0, 0, 0]);
    expect(stage.events.at(-1)).toMatchObject({ type: 'closed' });
    await stage.expectQuiet();
  });

  scenario('for a member whose leg the engine lost', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const [alice, bob] = await stage.dial('3000', 'alice', 'bob');
    await stage.settle();
    // The first leg of all is Alice's.
    stage.system.media.emit('failed', { legIds: [1], reason: 'a test' });
    await alice?.ended();
    await stage.settle();
    expect(stage.told).toContain('left alice');
    expect(stage.system.server.rooms()[0]?.members.map(({ name }) => name)).toEqual(['bob']);
    expect(bob?.hears).toEqual([]);
    await stage.expectQuiet();
  });

  scenario('before it began for who hangs up while being told that it is full', {}, async (world) => {
    const stage = await ConferenceStage.open(world, { conference: { maxMembers: 1 } });
    await stage.dial('3000', 'alice');
    const bob = await stage.phone('bob');
    const call = await world.complete(bob.phone.call('3000'));
    await world.run(600);
    expect(call.state).toBe('ringing');
    call.hangUp();
    expect(await stage.system.recordOf('bob')).toMatchObject({ disposition: 'NO ANSWER', status: 487 });
    expect(stage.told).toEqual(['opened', 'joined alice']);
    await stage.expectQuiet();
  });
});
