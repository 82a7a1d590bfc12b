// Stereo in rooms: as a talker sends it, or as places in a spatial room make it.
import { describe, expect } from 'vitest';
import { residualDbov, scenario } from '../../support/index.ts';
import { ConferenceStage, PLAIN_ROOM, STEREO, type StagedMember } from './conference-stage.ts';
import { FORMATS } from './tone-party.ts';

const { pcmu } = FORMATS;
const SPATIAL = { ...PLAIN_ROOM, isSpatial: true };
const LISTENER = { formats: [STEREO], channels: 2 } as const;

function at(x: number, y: number) {
  return { position: { x, y, z: 0 } };
}

/** By how much a tone is louder in the right ear. */
function rightness({ party }: StagedMember, frequencyHz: number, fromMs = 300): number {
  return party.levelOf(frequencyHz, 200, fromMs, 1) - party.levelOf(frequencyHz, 200, fromMs, 0);
}

describe('a room in stereo', () => {
  scenario('passes stereo on to those who asked for it, and mono of it to others', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const alice = await stage.join('alice', LISTENER);
    const bob = await stage.join('bob', LISTENER);
    const carol = await stage.join('carol', { formats: [pcmu] });
    const left = (rate: number) =>
      Int16Array.from({ length: rate * 2 }, (_, i) =>
        i % 2 === 0 ? 4600 * Math.sin((2 * Math.PI * 440 * (i >> 1)) / rate) : 0,
      );
    alice.party.sayPcm(alice.leg, left);
    carol.party.say(carol.leg, { frequencyHz: 1000, durationMs: 1000 });
    await world.run(1500);
    expect(rightness(bob, 440)).toBeLessThan(-20);
    expect(bob.party.levelOf(440)).toBeCloseTo(-20, -0.5);
    expect(Math.abs(rightness(bob, 1000))).toBeLessThan(1);
    // The mean of a channel and silence.
    expect(carol.party.levelOf(440)).toBeCloseTo(-26, -0.5);
    expect(alice.party.levelOf(440)).toBeLessThan(-50);
    await stage.end();
  });

  scenario('lets listeners hear from where a member talks', {}, async (world) => {
    const stage = await ConferenceStage.open(world, SPATIAL);
    const alice = await stage.join('alice', { ...LISTENER, settings: at(0, 0) });
    const back = await stage.join('back', { ...LISTENER, settings: { ...at(0, 0), facingDegrees: 180 } });
    const mono = await stage.join('mono', { formats: [pcmu] });
    const bob = await stage.join('bob', { formats: [pcmu], settings: at(2, 0) });
    bob.party.say(bob.leg, { frequencyHz: 440, durationMs: 800 });
    await world.run(1200);
    expect(rightness(alice, 440)).toBeGreaterThan(6);
    expect(rightness(back, 440)).toBeLessThan(-6);
    expect(mono.party.levelOf(440)).toBeCloseTo(-20, -0.5);
    await stage.end();
  });

  scenario('encodes once for those at one place, and apart for whoever talks there', {}, async (world) => {
    const stage = await ConferenceStage.open(world, SPATIAL);
    const here = [];
    for (const name of ['alice', 'bob', 'carol']) {
      here.push(await stage.join(name, { ...LISTENER, settings: at(0, 0) }));
    }
    const dave = await stage.join('dave', { formats: [pcmu], settings: at(-2, 0) });
    await world.run(300);
    const before = await stage.engine.roomReport(stage.roomId);
    dave.party.say(dave.leg, { frequencyHz: 440, durationMs: 300 });
    await world.run(200);
    const after = await stage.engine.roomReport(stage.roomId);
    // One place and the talker's own: everybody is somewhere.
    expect(after.encodes - before.encodes).toBe(2 * (after.beats - before.beats));
    const [alice] = here;
    alice?.party.say(alice.leg, { frequencyHz: 1000, durationMs: 800 });
    dave.party.say(dave.leg, { frequencyHz: 440, durationMs: 800 });
    await world.run(1500);
    for (const member of here) {
      const self = member === alice;
      expect(rightness(member, 440, 500)).toBeLessThan(-6);
      const own = member.party.levelOf(1000, 200, 500);
      if (self) expect(own).toBeLessThan(-50);
      else expect(own).toBeGreaterThan(-21);
    }
    await stage.end();
  });

  scenario('moves a talker past a listener without a click', {}, async (world) => {
    const l16 = { payloadType: 97, encoding: 'l16', clockRateHz: 48_000, channels: 1 };
    const stage = await ConferenceStage.open(world, SPATIAL);
    const alice = await stage.join('alice', { ...LISTENER, settings: at(0, 0) });
    const bob = await stage.join('bob', { formats: [l16], settings: at(-2, 0) });
    bob.party.say(bob.leg, { frequencyHz: 440, durationMs: 2000 });
    for (let step = 1; step <= 40; step += 1) {
      await world.run(25);
      await stage.engine.setMember(bob.leg.legId, at(-2 + step / 10, 0.5));
    }
    await world.run(1500);
    const pcm = alice.party.channel(1);
    const levels = Array.from({ length: 60 }, (_, i) =>
      residualDbov(pcm.subarray((15 + i) * 960, (16 + i) * 960), {
        frequenciesHz: [440],
        clockRateHz: 48_000,
      }),
    );
    // What moves is no pure tone: over 20 ms it changes by a decibel or two.
    expect(Math.max(...levels)).toBeLessThan(-40);
    expect(rightness(alice, 440, 1500)).toBeGreaterThan(6);
    await stage.end();
  });
});
