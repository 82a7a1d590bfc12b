// Conference rooms as callers know them: who hears whom, who comes in, and what keys do.
import { describe, expect } from 'vitest';
import { scenario } from '../../support/index.ts';
import { ConferenceStage } from './conference-stage.ts';

describe('a conference room', () => {
  scenario('is 3000 without any configuration: each hears all others and not itself', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const [alice, bob, carol] = await stage.dial('3000', 'alice', 'bob', 'carol');
    await stage.settle();
    expect([alice, bob, carol].map((one) => one?.hears)).toEqual([
      ['bob', 'carol'],
      ['alice', 'carol'],
      ['alice', 'bob'],
    ]);
    const [state] = stage.system.server.rooms();
    expect(state?.members.map(({ name, role, isTalking }) => [name, role, isTalking])).toEqual([
      ['alice', 'moderator', true],
      ['bob', 'member', true],
      ['carol', 'member', true],
    ]);
    bob?.call.hangUp();
    await bob?.ended();
    await stage.settle();
    expect(alice?.hears).toEqual(['carol']);
    alice?.call.hangUp();
    carol?.call.hangUp();
    await alice?.ended();
    await carol?.ended();
    await stage.settle();
    expect(stage.system.server.rooms()).toEqual([]);
    expect(stage.told).toEqual([
      'opened',
      'joined alice',
      'joined bob',
      'joined carol',
      'left bob',
      'left alice',
      'moderator carol',
      'left carol',
      'closed',
    ]);
    const record = await stage.system.recordOf('bob');
    expect(record).toMatchObject({ dst: '3000', lastDst: '3000', disposition: 'ANSWERED' });
    expect(record?.reason).toMatch(/; spoke for [1-9] s$/);
    await stage.expectQuiet();
  });

  scenario('does not hear another room', {}, async (world) => {
    const stage = await ConferenceStage.open(world, {
      conference: { onDemand: ['3000-3009'], announce: 'none' },
      rooms: { lounge: {} },
    });
    const [alice, bob] = await stage.dial('3001', 'alice', 'bob');
    const [carol, dave] = await stage.dial('lounge', 'carol', 'dave');
    await stage.settle();
    expect([alice, bob, carol, dave].map((one) => one?.hears)).toEqual([
      ['bob'],
      ['alice'],
      ['dave'],
      ['carol'],
    ]);
    expect(stage.system.server.rooms().map(({ room }) => room)).toEqual(['3001', 'lounge']);
    await stage.expectQuiet();
  });

  scenario('is not what a user is called, nor what nobody configured', {}, async (world) => {
    const stage = await ConferenceStage.open(world, { conference: { onDemand: ['bob', '3000'] } });
    const [alice, carol] = await stage.dial('bob', 'alice', 'carol');
    expect(alice?.report?.status).toBe(480);
    await carol?.dial('3001');
    expect(carol?.report?.status).toBe(404);
    expect(stage.events).toEqual([]);
    await stage.expectQuiet();
  });

  scenario('tells of comings and goings by a tone that the others hear', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const [alice] = await stage.dial('3000', 'alice');
    await world.run(3000);
    const bob = await stage.phone('bob');
    await bob.dial('3000');
    let loudest = -127;
    await world.runUntil(
      () => {
        loudest = Math.max(loudest, alice?.levelOf(784, 60) ?? -127);
        return loudest > -25;
      },
      { limitMs: 1500, what: 'the tone of entry' },
    );
    await stage.expectQuiet();
  });
});

describe('the door of a conference room', () => {
  const rooms = { lounge: { pin: '1234', moderatorPin: '99', keys: 'freeswitch' } } as const;

  scenario('opens with the PIN, and makes moderators with theirs', {}, async (world) => {
    const stage = await ConferenceStage.open(world, { rooms });
    const [alice, bob] = await stage.dial('lounge', 'alice', 'bob');
    await alice?.press('1234#');
    await bob?.press('99');
    await stage.settle();
    expect([alice?.hears, bob?.hears]).toEqual([['bob'], ['alice']]);
    expect(stage.system.server.room('lounge').state?.members.map(({ role }) => role)).toEqual([
      'member',
      'moderator',
    ]);
    await stage.expectQuiet();
  });

  scenario('stays closed after three wrong PINs', {}, async (world) => {
    const stage = await ConferenceStage.open(world, { rooms });
    const [alice, bob] = await stage.dial('lounge', 'alice', 'bob');
    await alice?.press('1234');
    for (const wrong of ['1#', '22222222222222222222222222', '98#']) await bob?.press(wrong);
    await bob?.ended();
    expect(alice?.hears).toEqual([]);
    expect((await stage.system.recordOf('bob'))?.reason).toBe('three wrong PINs');
    expect(stage.told).not.toContain('joined bob');
    await stage.expectQuiet();
  });

  scenario(
    'stays closed to who is sent away by a hang-up in the middle of the question',
    {},
    async (world) => {
      const stage = await ConferenceStage.open(world, { rooms });
      const [alice] = await stage.dial('lounge', 'alice');
      await world.run(700);
      alice?.call.hangUp();
      await world.run(200);
      expect(stage.events).toEqual([]);
      expect(stage.system.server.counts.calls).toBe(0);
      await stage.expectQuiet();
    },
  );

  scenario('is busy to who finds no place, and says so before', {}, async (world) => {
    const stage = await ConferenceStage.open(world, { conference: { maxMembers: 2 } });
    const [, , carol] = await stage.dial('3000', 'alice', 'bob', 'carol');
    expect(carol?.report).toMatchObject({ status: 486 });
    expect(carol?.report?.inbound.packets).toBeGreaterThan(50);
    expect(await stage.system.recordOf('carol')).toMatchObject({
      disposition: 'BUSY',
      reason: 'the room is full',
    });
    await stage.expectQuiet();
  });

  scenario('is locked and unlocked by the moderator alone', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const [alice, bob] = await stage.dial('3000', 'alice', 'bob');
    await bob?.press('2');
    const [carol] = await stage.dial('3000', 'carol');
    expect(carol?.call.state).toBe('answered');
    await alice?.press('2');
    const [dave] = await stage.dial('3000', 'dave');
    expect(dave?.report?.status).toBe(403);
    await alice?.press('2');
    await dave?.dial('3000');
    expect(dave?.call.state).toBe('answered');
    await stage.expectQuiet();
  });

  scenario(
    'leads into silence until a moderator comes, and ends when the last one leaves',
    {},
    async (world) => {
      const stage = await ConferenceStage.open(world, {
        conference: { waitForModerator: true, moderators: ['alice'], whenModeratorLeaves: 'end' },
      });
      const [bob, carol] = await stage.dial('3000', 'bob', 'carol');
      await world.run(6000);
      expect([bob?.hears, carol?.hears]).toEqual([[], []]);
      const [alice] = await stage.dial('3000', 'alice');
      await stage.settle();
      expect([alice, bob, carol].map((one) => one?.hears)).toEqual([
        ['bob', 'carol'],
        ['alice', 'carol'],
        ['alice', 'bob'],
      ]);
      alice?.call.hangUp();
      await bob?.ended();
      await carol?.ended();
      expect((await stage.system.recordOf('bob'))?.reason).toMatch(/^the moderator left; spoke for \d+ s$/);
      await stage.expectQuiet();
    },
  );

  scenario('makes members wait again when the moderator leaves', {}, async (world) => {
    const stage = await ConferenceStage.open(world, {
      conference: { waitForModerator: true, moderators: ['alice'] },
    });
    const [alice, bob, carol] = await stage.dial('3000', 'alice', 'bob', 'carol');
    await stage.settle();
    expect(bob?.hears).toEqual(['alice', 'carol']);
    alice?.call.hangUp();
    await world.run(4000);
    expect([bob?.hears, carol?.hears]).toEqual([[], []]);
    await alice?.dial('3000');
    await stage.settle();
    expect(bob?.hears).toEqual(['alice', 'carol']);
    await stage.expectQuiet();
  });
});

describe('keys in a conference room', () => {
  scenario('of ConfBridge: mute, all muted, kick the last, leave', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const [alice, bob, carol] = await stage.dial('3000', 'alice', 'bob', 'carol');
    await stage.settle();
    await bob?.press('1');
    await world.run(2500);
    expect([alice?.hears, bob?.hears]).toEqual([['carol'], ['alice', 'carol']]);
    await bob?.press('*1');
    await world.run(2500);
    expect(alice?.hears).toEqual(['bob', 'carol']);
    await alice?.press('0');
    await world.run(2500);
    expect([alice?.hears, bob?.hears]).toEqual([[], ['alice']]);
    await alice?.press('0');
    await alice?.press('3');
    await carol?.ended();
    expect((await stage.system.recordOf('carol'))?.reason).toMatch(/^removed by alice/);
    await bob?.press('8');
    await bob?.ended();
    expect((await stage.system.recordOf('bob'))?.reason).toMatch(/^left by key/);
    await stage.expectQuiet();
  });

  scenario('of FreeSWITCH: mute, deaf and mute, leave', {}, async (world) => {
    const stage = await ConferenceStage.open(world, { conference: { keys: 'freeswitch', announce: 'none' } });
    const [alice, bob] = await stage.dial('3000', 'alice', 'bob');
    await stage.settle();
    await bob?.press('0');
    await world.run(2500);
    expect([alice?.hears, bob?.hears]).toEqual([[], ['alice']]);
    await bob?.press('0');
    await bob?.press('*');
    await world.run(3000);
    expect([alice?.hears, bob?.hears]).toEqual([[], []]);
    await bob?.press('#');
    await bob?.ended();
    await stage.expectQuiet();
  });
});

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
