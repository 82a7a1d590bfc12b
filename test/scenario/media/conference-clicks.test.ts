// Whatever changes in a room, nobody hears a click: nothing above -50 dBov besides what is said.
import { describe, expect } from 'vitest';
import { levelDbov, resample } from '../../../media/audio/index.ts';
import type { PayloadFormat } from '../../../media/index.ts';
import { makeTone, residualDbov, scenario, type World } from '../../support/index.ts';
import { ConferenceStage, PLAIN_ROOM, type StagedMember } from './conference-stage.ts';
import { FORMATS, type ToneParty } from './tone-party.ts';

const l16: PayloadFormat = { payloadType: 97, encoding: 'l16', clockRateHz: 48_000, channels: 1 };
const LISTENERS = [l16, FORMATS.opus];

/** The loudest 5 ms of what lies above 2 kHz, where a click is and no tone of these tests. */
function loudestClick(party: ToneParty): number {
  const { pcm, sampleRateHz } = party.recording();
  const low = resample(resample(pcm, sampleRateHz, 4000), 4000, sampleRateHz);
  const high = pcm.map((sample, i) => sample - (low[i] ?? 0));
  const pieces = windows(high, { sampleRateHz, fromMs: 100, lengthMs: 5 });
  return Math.max(...pieces.map((window) => levelDbov(window)));
}

/** Of a whole recording, its end left out: the resampler knows nothing of what follows. */
function windows(
  pcm: Int16Array,
  options: { readonly sampleRateHz: number; readonly fromMs: number; readonly lengthMs: number },
): readonly Int16Array[] {
  const { sampleRateHz, fromMs, lengthMs } = options;
  const length = (sampleRateHz * lengthMs) / 1000;
  const first = fromMs / lengthMs;
  const count = Math.floor(pcm.length / length) - first - 40 / lengthMs;
  return Array.from({ length: count }, (_, i) =>
    pcm.subarray((first + i) * length, (first + i + 1) * length),
  );
}

/** What is loudest besides the tones, which in Opus is noise of its own. */
function loudestResidual(party: ToneParty): number {
  const { pcm, sampleRateHz } = party.recording();
  const pieces = windows(pcm, { sampleRateHz, fromMs: 240, lengthMs: 40 }).slice(0, 40);
  const tones = { frequenciesHz: [440, 1000, 1600], clockRateHz: sampleRateHz };
  return Math.max(...pieces.map((piece) => residualDbov(piece, tones)));
}

interface Scene {
  readonly world: World;
  readonly stage: ConferenceStage;
  readonly alice: StagedMember;
  readonly bob: StagedMember;
}

/** What happens while Alice listens, and Bob says a tone. */
const EVENTS: readonly { readonly name: string; play(scene: Scene): Promise<void> }[] = [
  {
    name: 'somebody joins in the middle of a word',
    play: async ({ world, stage }) => {
      const carol = await stage.join('carol', { formats: [l16], settings: { isMuted: true } });
      carol.party.say(carol.leg, { frequencyHz: 1000, durationMs: 1500 });
      await world.run(505);
      await stage.engine.disconnect(carol.leg.legId);
      await world.run(100);
      await world.hold(stage.engine.joinRoom(carol.leg.legId, stage.roomId));
    },
  },
  {
    name: 'somebody leaves in the middle of a word',
    play: async ({ world, stage, bob }) => {
      await world.run(403);
      await stage.engine.disconnect(bob.leg.legId);
    },
  },
  {
    name: 'somebody is muted and unmuted',
    play: async ({ world, stage, bob }) => {
      for (const isMuted of [true, false, true, false]) {
        await world.run(147);
        await stage.engine.setMember(bob.leg.legId, { isMuted });
      }
    },
  },
  {
    name: 'somebody is made louder and softer',
    play: async ({ world, stage, bob }) => {
      for (const gainDb of [6, -20, 3, 0]) {
        await world.run(143);
        await stage.engine.setMember(bob.leg.legId, { gainDb });
      }
    },
  },
];

describe('a room makes no click', () => {
  for (const format of LISTENERS) {
    for (const { name, play } of EVENTS) {
      scenario(`for a listener with ${format.encoding} where ${name}`, {}, async (world) => {
        const stage = await ConferenceStage.open(world);
        const alice = await stage.join('alice', { formats: [format] });
        const bob = await stage.join('bob', { formats: [l16] });
        bob.party.say(bob.leg, { frequencyHz: 440, durationMs: 1500 });
        await world.run(300);
        await play({ world, stage, alice, bob });
        await world.run(900);
        expect(alice.party.heard.length).toBeGreaterThan(30);
        expect(loudestClick(alice.party)).toBeLessThan(-50);
        await stage.end();
      });
    }

    scenario(`for a listener with ${format.encoding} who talks and ends`, {}, async (world) => {
      const stage = await ConferenceStage.open(world);
      const alice = await stage.join('alice', { formats: [format] });
      const carol = await stage.join('carol', { formats: [format] });
      for (const frequencyHz of [440, 1600]) {
        const { party, leg } = await stage.join(`tone${frequencyHz}`, { formats: [l16] });
        party.say(leg, { frequencyHz, durationMs: 3000 });
      }
      await world.run(600);
      const make = (clockRateHz: number) =>
        makeTone({ frequencyHz: 1000, clockRateHz, durationMs: 200, levelDbov: -45 });
      alice.party.sayPcm(alice.leg, make);
      await world.run(1700);
      expect(stage.talking.filter(({ legId }) => legId === alice.leg.legId)).toHaveLength(2);
      // Between the shared stream and its own, the tones went on as if nothing was: as for one who never talked.
      const [talker, listener] = [alice, carol].map(({ party }) => loudestResidual(party));
      expect(talker).toBeLessThan((listener ?? 0) + 4);
      await stage.end();
    });
  }

  scenario('where more talk than are mixed', {}, async (world) => {
    const stage = await ConferenceStage.open(world, { ...PLAIN_ROOM, maxTalkers: 1 });
    const alice = await stage.join('alice', { formats: [l16] });
    for (const [index, name] of ['bob', 'carol', 'dave'].entries()) {
      const { party, leg } = await stage.join(name, { formats: [l16] });
      party.say(leg, { frequencyHz: 440 + 300 * index, durationMs: 3000 });
      await world.run(433);
    }
    await world.run(2000);
    expect(loudestClick(alice.party)).toBeLessThan(-50);
    await stage.end();
  });
});
