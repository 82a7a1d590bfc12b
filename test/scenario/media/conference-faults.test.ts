// A member that misbehaves harms only itself.
import { afterEach, describe, expect, vi } from 'vitest';
import { G711Codec } from '../../../media/codec/index.ts';
import type { PayloadFormat } from '../../../media/index.ts';
import { residualDbov, scenario, type World } from '../../support/index.ts';
import { ConferenceStage, type StagedMember } from './conference-stage.ts';
import { RELAY, unaccounted } from './stage.ts';
import { FORMATS } from './tone-party.ts';

const { pcmu, opus, events8000 } = FORMATS;
const l16: PayloadFormat = { payloadType: 97, encoding: 'l16', clockRateHz: 16_000, channels: 1 };

const PCMU: readonly [PayloadFormat] = [pcmu];

interface Trouble {
  readonly name: string;
  /** Formats of the one who makes it. */
  readonly formats?: readonly [PayloadFormat, ...PayloadFormat[]];
  play(world: World, mallory: StagedMember): Promise<void>;
}

/** Each for about a second. */
const TROUBLES: readonly Trouble[] = [
  {
    name: 'floods',
    play: async (world, { party, leg }) => {
      for (let count = 0; count < 100; count += 1) {
        for (let burst = 0; burst < 50; burst += 1) party.sendRaw(leg, 0, new Uint8Array(160).fill(0xff));
        await world.run(10);
      }
    },
  },
  {
    name: 'sends payload types that nobody agreed on, and rubbish',
    play: async (world, { party, leg }) => {
      for (let count = 0; count < 50; count += 1) {
        party.sendRaw(leg, 99, Uint8Array.of(1, 2, 3));
        party.sendRaw(leg, 0, new Uint8Array(0));
        party.sendRaw(leg, 0, new Uint8Array(1400).fill(0xf0 | count));
        await world.run(20);
      }
    },
  },
  {
    name: 'sends Opus that is none',
    formats: [opus],
    play: async (world, { party, leg }) => {
      for (let count = 0; count < 50; count += 1) {
        party.skip(960);
        party.sendRaw(
          leg,
          111,
          Uint8Array.from({ length: 40 }, (_, i) => (i * 97 + count * 31) & 0xff),
        );
        await world.run(20);
      }
    },
  },
  {
    name: 'stops in the middle of a word without leaving',
    play: async (world, { party, leg }) => {
      party.say(leg, { frequencyHz: 1300, durationMs: 130 });
      await world.run(1000);
    },
  },
  {
    name: 'has a clock that runs twice as fast, and jumps',
    play: async (world, { party, leg }) => {
      for (let count = 0; count < 50; count += 1) {
        party.skip(count % 10 === 0 ? 8_000_000 : 320);
        party.sendRaw(leg, 0, new Uint8Array(160).fill(0xff));
        await world.run(20);
      }
    },
  },
  {
    name: 'presses keys without end',
    formats: [pcmu, events8000],
    play: async (world, { party, leg }) => {
      for (let count = 0; count < 50; count += 1) {
        party.sendRaw(leg, 101, Uint8Array.of(count & 15, 0x0a, 0, 160));
        await world.run(20);
      }
    },
  },
];

describe('a member that', () => {
  for (const { name, formats = PCMU, play } of TROUBLES) {
    scenario(`${name} harms only itself`, {}, async (world) => {
      const stage = await ConferenceStage.open(world);
      const alice = await stage.join('alice', { formats: [l16] });
      const bob = await stage.join('bob', { formats: [l16] });
      const mallory = await stage.join('mallory', { formats });
      bob.party.say(bob.leg, { frequencyHz: 440, durationMs: 1500 });
      await world.run(200);
      await play(world, mallory);
      await world.run(800);
      // Alice hears Bob, in every packet, and at its level.
      expect(alice.party.levelOf(440, 900)).toBeCloseTo(-20, -0.5);
      const numbers = alice.party.heard.map(({ sequenceNumber }) => sequenceNumber);
      expect(numbers.at(-1)).toBe(((numbers[0] ?? 0) + numbers.length - 1) & 0xffff);
      const pcm = alice.party.sound().subarray(16 * 300, 16 * 1200);
      const others = residualDbov(pcm, { frequenciesHz: [440], clockRateHz: 16_000 });
      if (formats[0] === pcmu && !name.includes('word')) expect(others).toBeLessThan(-50);
      const reports = await stage.end();
      for (const report of reports) expect(unaccounted(report)).toBe(0);
    });
  }
});

describe('a fault of ours', () => {
  afterEach(() => vi.restoreAllMocks());

  scenario('in the decoder of a member ends that member alone', { allowErrorLogs: true }, async (world) => {
    const stage = await ConferenceStage.open(world);
    const failed: (readonly number[])[] = [];
    stage.engine.on('failed', ({ legIds }) => failed.push(legIds));
    const alice = await stage.join('alice', { formats: [l16] });
    const bob = await stage.join('bob', { formats: [l16] });
    const mallory = await stage.join('mallory', { formats: [pcmu] });
    vi.spyOn(G711Codec.prototype, 'decode').mockImplementation(() => {
      throw new Error('broken');
    });
    bob.party.say(bob.leg, { frequencyHz: 440, durationMs: 1000 });
    mallory.party.say(mallory.leg, { frequencyHz: 1300, durationMs: 500 });
    await world.run(1500);
    expect(failed).toEqual([[mallory.leg.legId]]);
    expect(alice.party.levelOf(440)).toBeCloseTo(-20, -0.5);
    const { members } = await stage.engine.roomReport(stage.roomId);
    expect(members.map(({ legId }) => legId)).toEqual([alice.leg.legId, bob.leg.legId]);
    await stage.end();
  });

  scenario('in the encoder of a talker ends that talker alone', { allowErrorLogs: true }, async (world) => {
    const stage = await ConferenceStage.open(world);
    const failed: (readonly number[])[] = [];
    stage.engine.on('failed', ({ legIds }) => failed.push(legIds));
    const alice = await stage.join('alice', { formats: [l16] });
    const bob = await stage.join('bob', { formats: [l16] });
    const mallory = await stage.join('mallory', { formats: [pcmu] });
    await world.run(500);
    bob.party.say(bob.leg, { frequencyHz: 440, durationMs: 1000 });
    mallory.party.say(mallory.leg, { frequencyHz: 1300, durationMs: 40 });
    await world.run(60);
    // Its party encodes no more: what is encoded in this format is for Mallory alone.
    vi.spyOn(G711Codec.prototype, 'encode').mockImplementation(() => {
      throw new Error('broken');
    });
    await world.run(1500);
    expect(failed).toEqual([[mallory.leg.legId]]);
    expect(alice.party.levelOf(440)).toBeCloseTo(-20, -0.5);
    await stage.end();
  });

  scenario('in what hears a room go keeps no leg open', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const alice = await stage.join('alice', { formats: [l16] });
    const end = stage.engine.tapRoom(stage.roomId, {
      handleJoined: () => {},
      handleTalking: () => {},
      handleBeat: () => {},
      handleLeft: () => {
        throw new Error('broken');
      },
    });
    await expect(stage.engine.closeLeg(alice.leg.legId)).rejects.toThrow('broken');
    end();
    const { rtpPort } = alice.leg;
    const relay = world.hosts.find(({ name }) => name === 'relay');
    const socket = await relay?.network.bindUdp({ address: RELAY, port: rtpPort });
    expect(socket?.local.port).toBe(rtpPort);
    socket?.close();
    alice.party.close();
    await stage.engine.close();
  });

  scenario(
    'in the mix of a room ends the beat of that room alone',
    { allowErrorLogs: true },
    async (world) => {
      const stage = await ConferenceStage.open(world);
      const alice = await stage.join('alice', { formats: [l16] });
      const bob = await stage.join('bob', { formats: [l16] });
      const other = await stage.engine.openRoom({ callKey: 'room', label: 'other' });
      const carol = await stage.join('carol', { formats: [pcmu] });
      await world.hold(stage.engine.joinRoom(carol.leg.legId, other.roomId));
      const ignored = { handleJoined: () => {}, handleLeft: () => {}, handleTalking: () => {} };
      stage.engine.tapRoom(stage.roomId, {
        ...ignored,
        handleBeat: () => {
          throw new Error('broken');
        },
      });
      bob.party.say(bob.leg, { frequencyHz: 440, durationMs: 500 });
      await world.run(500);
      const stopped = await stage.engine.roomReport(stage.roomId);
      const playing = stage.engine.playInRoom(other.roomId, { tone: 'confirmation' });
      await world.run(1500);
      await playing;
      expect(carol.party.heard.length).toBeGreaterThan(20);
      expect((await stage.engine.roomReport(stage.roomId)).beats).toBe(stopped.beats);
      const errors = world.hosts.flatMap(({ logs }) => logs.filter(({ level }) => level === 'error'));
      expect(errors).toHaveLength(1);
      expect(alice.party.heard.length).toBeLessThan(15);
      await stage.engine.closeRoom(other.roomId);
      await stage.end();
    },
  );
});
