// What a room costs: silence is not decoded, one mix is encoded once a format, and a room where nobody talks rests.
import { describe, expect } from 'vitest';
import { levelDbov } from '../../../media/audio/index.ts';
import type { PayloadFormat } from '../../../media/index.ts';
import { CLIENT_LEVEL_URI, MIXER_LEVEL_URI, readMixerLevels } from '../../../media/rtp/index.ts';
import { makeTone, scenario, toneLevelDbov } from '../../support/index.ts';
import { ConferenceStage, PLAIN_ROOM, SSRC_BASE, type StagedMember } from './conference-stage.ts';
import { FORMATS } from './tone-party.ts';

const { pcmu, pcma, g722, opus } = FORMATS;
const l16: PayloadFormat = { payloadType: 97, encoding: 'l16', clockRateHz: 16_000, channels: 1 };

/** A room's hiss, softer than any voice. */
function hiss(sampleRateHz: number, durationMs: number): Int16Array {
  let seed = 1;
  return Int16Array.from({ length: (sampleRateHz * durationMs) / 1000 }, () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
    return (seed / 2 ** 31) * 40;
  });
}

/** Hiss, and within it from the 600th millisecond on a tone of 400 ms. */
function word(sampleRateHz: number): Int16Array {
  const pcm = hiss(sampleRateHz, 1600);
  const tone = makeTone({ frequencyHz: 440, clockRateHz: sampleRateHz, durationMs: 400 });
  const at = 0.6 * sampleRateHz;
  for (const [i, sample] of tone.entries()) pcm[at + i] = (pcm[at + i] ?? 0) + sample;
  return pcm;
}

describe('a room', () => {
  for (const format of [pcmu, pcma, g722, l16, opus]) {
    scenario(`decodes ${format.encoding} only where somebody talks, and all of that`, {}, async (world) => {
      const stage = await ConferenceStage.open(world);
      const alice = await stage.join('alice', { formats: [format] });
      const bob = await stage.join('bob', { formats: [l16] });
      alice.party.sayPcm(alice.leg, word);
      await world.run(550);
      const quiet = await stage.engine.roomReport(stage.roomId);
      expect(quiet.decodes).toBe(0);
      expect(quiet.undecoded).toBeGreaterThan(20);
      await world.run(2000);
      const { decodes, undecoded } = await stage.engine.roomReport(stage.roomId);
      expect(decodes).toBeGreaterThanOrEqual(20);
      expect(decodes).toBeLessThan(55);
      // The last ones wait for a turn that never comes.
      expect(decodes + undecoded).toBeGreaterThanOrEqual(76);
      expect(decodes + undecoded).toBeLessThanOrEqual(80);
      // Every 10 ms of the tone was heard, from the first on.
      const pcm = bob.party.sound();
      const loud = Array.from({ length: pcm.length / 160 }, (_, i) =>
        toneLevelDbov(pcm.subarray(160 * i, 160 * (i + 1)), { frequencyHz: 440, clockRateHz: 16_000 }),
      ).filter((level) => level > -26);
      expect(loud.length).toBeGreaterThanOrEqual(39);
      expect(loud.length).toBeLessThanOrEqual(41);
      await stage.end();
    });
  }

  scenario('hears within two seconds what the detector of a codec takes for no voice', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    // A steady tone is background to SILK once it has gone on for a while.
    const alice = await stage.join('alice', { formats: [opus], settings: { isMuted: true } });
    const bob = await stage.join('bob', { formats: [l16] });
    alice.party.say(alice.leg, { frequencyHz: 440, durationMs: 5000 });
    await world.run(2500);
    await stage.engine.setMember(alice.leg.legId, { isMuted: false });
    await world.run(2500);
    const pcm = bob.party.sound();
    expect(toneLevelDbov(pcm.subarray(-1600), { frequencyHz: 440, clockRateHz: 16_000 })).toBeGreaterThan(
      -26,
    );
    await stage.end();
  });

  scenario(
    'believes what a member says of its level (RFC 6464), and tells of all (RFC 6465)',
    {},
    async (world) => {
      const client = { id: 3, uri: CLIENT_LEVEL_URI, direction: 'recvonly' } as const;
      const mixer = { id: 5, uri: MIXER_LEVEL_URI, direction: 'sendonly' } as const;
      const stage = await ConferenceStage.open(world);
      const alice = await stage.join('alice', { formats: [l16], remote: { extensions: [client] } });
      const bob = await stage.join('bob', { formats: [l16], remote: { extensions: [mixer] } });
      const carol = await stage.join('carol', { formats: [l16] });
      const say = (durationMs: number) => alice.party.say(alice.leg, { frequencyHz: 440, durationMs });
      alice.party.told = { id: 3, levelDbov: -127, isVoice: false };
      say(400);
      await world.run(400);
      const before = await stage.engine.roomReport(stage.roomId);
      expect(before.decodes).toBe(0);
      alice.party.told = { id: 3, levelDbov: -60, isVoice: true };
      say(400);
      await world.run(800);
      const after = await stage.engine.roomReport(stage.roomId);
      expect(after.decodes).toBeGreaterThanOrEqual(20);
      const levels = new Int8Array(1);
      const told = bob.party.heard.filter(({ bytes }) => readMixerLevels(bytes, 5, levels) === 1);
      expect(told.length).toBeGreaterThanOrEqual(20);
      expect(readMixerLevels(told[10]?.bytes ?? new Uint8Array(12), 5, levels)).toBe(1);
      expect(levels[0]).toBe(-20);
      const plain = carol.party.heard.filter(({ bytes }) => ((bytes[0] ?? 0) & 0x10) === 0);
      expect(plain.length).toBe(carol.party.heard.length);
      await stage.end();
    },
  );

  scenario('encodes as often as there are talkers and formats of listeners', {}, async (world) => {
    const stage = await ConferenceStage.open(world, { ...PLAIN_ROOM, maxTalkers: 2 });
    const members = [];
    for (const [index, format] of [opus, pcmu, pcmu, pcmu, opus, opus, g722, pcma].entries()) {
      members.push(await stage.join(`member${index}`, { formats: [format] }));
    }
    await world.run(300);
    const [alice, bob] = members;
    alice?.party.say(alice.leg, { frequencyHz: 440, durationMs: 1500 });
    bob?.party.say(bob.leg, { frequencyHz: 1000, durationMs: 1500 });
    await world.run(400);
    const before = await stage.engine.roomReport(stage.roomId);
    await world.run(600);
    const after = await stage.engine.roomReport(stage.roomId);
    expect(after.beats - before.beats).toBe(30);
    // Two talkers, and four formats of those who listen.
    expect(after.encodes - before.encodes).toBe(30 * (2 + 4));
    expect(after.decodes - before.decodes).toBe(30 * 2);
    await stage.end();
  });

  scenario(
    'mixes no more than the talkers that it may, and lists them as sources (RFC 3550 §7.1)',
    {},
    async (world) => {
      const stage = await ConferenceStage.open(world, { ...PLAIN_ROOM, maxTalkers: 2 });
      const members: StagedMember[] = [];
      for (const name of ['alice', 'bob', 'carol', 'dave']) {
        members.push(await stage.join(name, { formats: [l16] }));
      }
      for (const [index, { party, leg }] of members.slice(0, 3).entries()) {
        const levelDbov = [-20, -20, -40][index] ?? 0;
        const make = (clockRateHz: number) =>
          makeTone({ frequencyHz: 440 * (index + 1), clockRateHz, durationMs: 2500, levelDbov });
        party.sayPcm(leg, make);
      }
      await world.run(4000);
      const [alice, , , dave] = members;
      // For its first second the third is heard beside them.
      expect(dave?.party.levelOf(1320, 400, 1800)).toBeLessThan(-70);
      expect(dave?.party.levelOf(440, 400, 1800)).toBeCloseTo(-20, -0.5);
      const heard = (index: number) => members[index]?.party.heard[100]?.csrcs;
      expect(heard(3)).toEqual([SSRC_BASE, SSRC_BASE + 1]);
      expect(heard(0)).toEqual([SSRC_BASE + 1]);
      expect(alice?.party.heard.at(-1)?.csrcs).toEqual([]);
      await stage.end();
    },
  );

  scenario('rests while nobody talks: some silence, then a packet every second', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const alice = await stage.join('alice', { formats: [pcmu] });
    const bob = await stage.join('bob', { formats: [opus], settings: { isDeaf: true } });
    await world.run(10_000);
    for (const { party } of [alice, bob]) {
      const startedAt = party.heard[0]?.at ?? 0;
      const rest = party.heard.filter(({ at }) => at > startedAt + 1000);
      expect(rest.length).toBeGreaterThanOrEqual(7);
      expect(rest.length).toBeLessThanOrEqual(9);
      const gaps = rest.slice(1).map(({ at }, i) => at - (rest[i]?.at ?? 0));
      for (const gap of gaps) expect(gap).toBeCloseTo(1000, -1);
    }
    expect(levelDbov(alice.party.sound())).toBeLessThan(-80);
    // Its timestamps went on with the time.
    const { heard } = alice.party;
    const elapsed = (heard.at(-1)?.at ?? 0) - (heard[0]?.at ?? 0);
    const ticks = (heard.at(-1)?.timestamp ?? 0) - (heard[0]?.timestamp ?? 0);
    expect(ticks / 8).toBeCloseTo(elapsed, -1);
    const { beats } = await stage.engine.roomReport(stage.roomId);
    expect(beats).toBeLessThanOrEqual(10);
    await stage.end();
  });

  scenario('tells phones that take comfort noise of the silence (RFC 3389)', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const comfortNoise = { payloadType: 13, encoding: 'cn', clockRateHz: 8000, channels: 1 };
    const alice = await stage.join('alice', { formats: [pcmu, comfortNoise] });
    await world.run(3500);
    const last = alice.party.heard.slice(-2).map(({ payloadType, payload }) => [payloadType, ...payload]);
    expect(last).toEqual([
      [13, 70],
      [13, 70],
    ]);
    await stage.end();
  });

  scenario('tells who talks, once for each spurt, and how loud', {}, async (world) => {
    const stage = await ConferenceStage.open(world, { ...PLAIN_ROOM, levelIntervalMs: 200 });
    const alice = await stage.join('alice', { formats: [pcmu] });
    const bob = await stage.join('bob', { formats: [pcmu] });
    // Syllables of 200 ms, with pauses of as much.
    const syllables = (rate: number) =>
      makeTone({ frequencyHz: 440, clockRateHz: rate, durationMs: 2000 }).map((sample, i) =>
        Math.floor(i / (rate / 5)) % 2 === 0 ? sample : 0,
      );
    alice.party.sayPcm(alice.leg, syllables);
    await world.run(4000);
    expect(stage.talking.map(({ legId, isTalking }) => [legId, isTalking])).toEqual([
      [alice.leg.legId, true],
      [alice.leg.legId, false],
    ]);
    const told = stage.levels.flat();
    expect(told.length).toBeGreaterThanOrEqual(8);
    for (const { legId, levelDbov } of told) {
      expect(legId).toBe(alice.leg.legId);
      expect(levelDbov).toBeGreaterThan(-127);
    }
    expect(Math.max(...told.map((level) => level.levelDbov))).toBeCloseTo(-20, -0.5);
    const { members } = await stage.engine.roomReport(stage.roomId);
    expect(members.map(({ isTalking }) => isTalking)).toEqual([false, false]);
    expect(members[0]?.talkedMs).toBeGreaterThan(1900);
    expect(bob.party.heard.length).toBeGreaterThan(100);
    await stage.end();
  });

  scenario('costs nothing while it is empty', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    expect(stage.engine.deadlineCount).toBe(0);
    await stage.end();
  });
});
