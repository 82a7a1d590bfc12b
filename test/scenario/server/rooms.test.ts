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

  scenario('tells how loud each talker is, where that is asked for', {}, async (world) => {
    const stage = await ConferenceStage.open(world, {
      conference: { levelIntervalMs: 200, announce: 'none' },
    });
    await stage.dial('3000', 'alice', 'bob');
    await stage.settle();
    const last = stage.events.findLast((event) => event.type === 'levels');
    expect(last?.levels.map(({ memberId }) => memberId)).toEqual([1, 2]);
    for (const { levelDbov } of last?.levels ?? []) expect(levelDbov).toBeCloseTo(-15, 0);
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

  scenario('that opens locked asks for the PIN, and lets moderators alone in', {}, async (world) => {
    const locked = { lounge: { ...rooms.lounge, locked: true } };
    const stage = await ConferenceStage.open(world, { rooms: locked });
    const [bob] = await stage.dial('lounge', 'bob');
    await bob?.press('1234');
    await bob?.ended();
    expect((await stage.system.recordOf('bob'))?.reason).toBe('the room is locked');
    expect(stage.system.server.rooms()).toEqual([]);
    const [alice] = await stage.dial('lounge', 'alice');
    await alice?.press('99');
    expect(stage.system.server.rooms()[0]?.members.map(({ name }) => name)).toEqual(['alice']);
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
