// Members of a room hear all others and not themselves, whatever they speak: proven by tones.
import { describe, expect } from 'vitest';
import { scenario } from '../../support/index.ts';
import { ConferenceStage, STEREO } from './conference-stage.ts';
import { unaccounted } from './stage.ts';
import { FORMATS } from './tone-party.ts';

const { pcmu, pcma, g722, opus } = FORMATS;
// One tone a member.
const TONES = [440, 700, 1000, 1600, 2200];

describe('a room', () => {
  scenario('lets each member hear all others and not itself', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const members = [];
    for (const [index, format] of [opus, pcmu, g722, pcma, STEREO].entries()) {
      const channels = format === STEREO ? 2 : 1;
      members.push(await stage.join(`member${index}`, { formats: [format], channels }));
    }
    for (const [index, { party, leg }] of members.entries()) {
      party.say(leg, { frequencyHz: TONES[index] ?? 0, durationMs: 900 });
    }
    await world.run(1000);
    const report = await stage.engine.roomReport(stage.roomId);
    expect(report.members.map(({ isTalking }) => isTalking)).toEqual(Array(5).fill(true));
    await world.run(2000);
    for (const [listener, { party }] of members.entries()) {
      for (const [talker, frequencyHz] of TONES.entries()) {
        const level = party.levelOf(frequencyHz);
        if (talker === listener) expect(level, `${listener} itself`).toBeLessThan(-50);
        else expect(Math.abs(level + 20), `${listener} hears ${talker}: ${level}`).toBeLessThan(1);
      }
    }
    const reports = await stage.end();
    for (const report of reports) {
      expect(unaccounted(report)).toBe(0);
      expect(report).toMatchObject({ received: 45, consumed: 45, forwarded: 0, discarded: {} });
    }
  });

  scenario('lets nobody hear who is muted, and the deaf hear nothing', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const alice = await stage.join('alice', { formats: [pcmu] });
    const bob = await stage.join('bob', { formats: [pcmu], settings: { isMuted: true } });
    const carol = await stage.join('carol', { formats: [pcmu], settings: { isDeaf: true } });
    alice.party.say(alice.leg, { frequencyHz: 440, durationMs: 800 });
    bob.party.say(bob.leg, { frequencyHz: 700, durationMs: 800 });
    await world.run(1500);
    expect(bob.party.levelOf(440)).toBeCloseTo(-20, -0.5);
    expect(alice.party.levelOf(700)).toBeLessThan(-60);
    expect(carol.party.heard.length).toBeLessThan(5);
    const { members, decodes } = await stage.engine.roomReport(stage.roomId);
    expect(members.map(({ isMuted }) => isMuted)).toEqual([false, true, false]);
    expect(decodes).toBe(40);
    await stage.end();
  });

  scenario('plays sounds to all, one after the other', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const alice = await stage.join('alice', { formats: [pcmu] });
    const bob = await stage.join('bob', { formats: [g722] });
    const played = stage.engine.playInRoom(stage.roomId, { tone: 'confirmation' });
    const behind = stage.engine.playInRoom(stage.roomId, { tone: 'error' });
    await world.run(3000);
    await Promise.all([played, behind]);
    for (const { party } of [alice, bob]) {
      expect(party.levelOf(440, 100, 0)).toBeGreaterThan(-25);
      expect(party.levelOf(480, 200, 650)).toBeGreaterThan(-25);
    }
    await stage.end();
  });

  scenario('is left by whoever is connected, disconnected or closed', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const members = [];
    for (const name of ['alice', 'bob', 'carol', 'dave']) {
      members.push(await stage.join(name, { formats: [pcmu] }));
    }
    const [alice, bob, carol, dave] = members.map(({ leg }) => leg.legId);
    const present = async () => {
      const { members } = await stage.engine.roomReport(stage.roomId);
      return members.map(({ legId }) => legId);
    };
    await stage.engine.connect(alice ?? 0, bob ?? 0);
    expect(await present()).toEqual([carol, dave]);
    await stage.engine.disconnect(carol ?? 0);
    expect(await present()).toEqual([dave]);
    await stage.engine.joinRoom(carol ?? 0, stage.roomId);
    await stage.engine.echo(dave ?? 0);
    expect(await present()).toEqual([carol]);
    await stage.end();
  });
});
