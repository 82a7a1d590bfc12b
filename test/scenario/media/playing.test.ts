// Files and digits of the engine's own, in the place of the peer's sound.
import { describe, expect } from 'vitest';
import { encodeWav } from '../../../media/audio/index.ts';
import type { FileReader } from '../../../media/tone/index.ts';
import { makeTone, scenario } from '../../support/index.ts';
import { convertedCall } from './conversion-stage.ts';
import { remoteOf, unaccounted } from './stage.ts';
import { FORMATS, type Heard } from './tone-party.ts';

type Stage = Awaited<ReturnType<typeof convertedCall>>;

const { pcmu, pcma, opus, events8000, events48000 } = FORMATS;

const wav = encodeWav({
  sampleRateHz: 16_000,
  channels: 1,
  pcm: makeTone({ frequencyHz: 800, clockRateHz: 16_000, durationMs: 1000 }),
});

function createFiles() {
  const reads: string[] = [];
  const files: FileReader = {
    version: async () => ({ stamp: '1', sizeBytes: wav.length }),
    read: async (path) => {
      reads.push(path);
      if (path !== 'hold.wav') throw new Error(`ENOENT: no such file or directory, open '${path}'`);
      return wav;
    },
  };
  return { files, reads };
}

const numbersOf = (heard: readonly Heard[]) => heard.map(({ sequenceNumber }) => sequenceNumber);
const isInOrder = (numbers: readonly number[]) =>
  numbers.every((number, index) => index === 0 || number === (((numbers[index - 1] ?? 0) + 1) & 0xffff));

describe('playFile()', () => {
  scenario('is heard alone, in one stream with what came before and after', {}, async (world) => {
    const { files } = createFiles();
    const { engine, alice, bob, legs, end } = await convertedCall(world, {
      alice: { formats: [pcmu] },
      bob: { formats: [pcmu] },
      engine: { files },
    });
    alice.say(legs.alice, { frequencyHz: 440, durationMs: 3000 });
    await world.run(500);
    const played = engine.playFile(legs.bob.legId, { path: 'hold.wav' });
    await world.complete(played);
    await world.run(2000);
    expect(bob.levelOf(440, 200, 100)).toBeCloseTo(-20, 0);
    expect(bob.levelOf(800, 400, 700)).toBeCloseTo(-20, 0);
    expect(bob.levelOf(440, 400, 700)).toBeLessThan(-50);
    expect(bob.levelOf(440, 400, 1700)).toBeCloseTo(-20, 0);
    expect(isInOrder(numbersOf(bob.heard))).toBe(true);
    expect(bob.heard.filter(({ marker }) => marker)).toHaveLength(2);
    // Each packet stands where its time is, within a beat.
    const [first] = bob.heard;
    for (const { at, timestamp } of bob.heard) {
      const elapsedMs = ((timestamp - (first?.timestamp ?? 0)) >>> 0) / 8;
      expect(Math.abs(elapsedMs - (at - (first?.at ?? 0)))).toBeLessThanOrEqual(20);
    }
    const reports = await end();
    expect(reports.alice.discarded.tone).toBeGreaterThan(45);
    expect(unaccounted(reports.alice)).toBe(0);
  });

  scenario('loops for hold music until it is stopped, and is read once for many', {}, async (world) => {
    const { files, reads } = createFiles();
    const { engine, alice, bob, legs, end } = await convertedCall(world, {
      alice: { formats: [opus] },
      bob: { formats: [opus] },
      engine: { files },
    });
    const loop = { path: 'hold.wav', loop: true };
    const played = [engine.playFile(legs.alice.legId, loop), engine.playFile(legs.bob.legId, loop)];
    await world.run(4000);
    await world.hold(Promise.all([engine.stopPlaying(legs.alice.legId), engine.stopPlaying(legs.bob.legId)]));
    await world.complete(Promise.all(played));
    expect(reads).toEqual(['hold.wav']);
    for (const party of [alice, bob]) {
      expect(party.levelOf(800, 200, 3300)).toBeCloseTo(-20, 0);
      expect(party.heard.length).toBeGreaterThan(150);
      expect(isInOrder(numbersOf(party.heard))).toBe(true);
    }
    await end();
  });

  scenario('goes on in another format where SDP changes to one', {}, async (world) => {
    const { engine, bob, legs, end } = await convertedCall(world, {
      alice: { formats: [pcmu] },
      bob: { formats: [pcmu] },
      engine: createFiles(),
    });
    const played = engine.playFile(legs.bob.legId, { path: 'hold.wav', loop: true });
    await world.run(500);
    await engine.setRemote(legs.bob.legId, remoteOf(bob.local, { formats: [pcma, pcmu] }));
    await world.run(500);
    await engine.stopPlaying(legs.bob.legId);
    await world.complete(played);
    const types = bob.heard.map(({ payloadType }) => payloadType);
    expect(types.filter((type) => type === pcma.payloadType).length).toBeGreaterThan(20);
    expect(types.lastIndexOf(pcmu.payloadType)).toBeLessThan(types.indexOf(pcma.payloadType));
    expect(isInOrder(numbersOf(bob.heard))).toBe(true);
    await end();
  });

  scenario('rejects a file that cannot be read, and the party hears its peer on', {}, async (world) => {
    const { engine, alice, bob, legs, end } = await convertedCall(world, {
      alice: { formats: [pcmu] },
      bob: { formats: [pcmu] },
      engine: createFiles(),
    });
    const played = engine.playFile(legs.bob.legId, { path: 'none.wav' });
    await expect(world.complete(played)).rejects.toMatchObject({ code: 'MEDIA_FILE_UNUSABLE' });
    alice.say(legs.alice, { frequencyHz: 440, durationMs: 100 });
    await world.run(500);
    expect(bob.heard).toHaveLength(5);
    await end();
  });

  const wishes = [
    { name: 'stopped', change: ({ engine, legs }: Stage) => engine.stopPlaying(legs.bob.legId) },
    {
      name: 'taken off hold',
      change: ({ engine, legs }: Stage) => engine.connect(legs.alice.legId, legs.bob.legId),
    },
    { name: 'disconnected', change: ({ engine, legs }: Stage) => engine.disconnect(legs.bob.legId) },
    {
      name: 'sent a tone',
      change: ({ engine, legs }: Stage) => engine.playTone(legs.bob.legId, 'confirmation'),
    },
    { name: 'sent digits', change: ({ engine, legs }: Stage) => engine.sendDigits(legs.bob.legId, '1') },
  ];
  for (const { name, change } of wishes) {
    scenario(`plays nothing to a party that was ${name} while the file was read`, {}, async (world) => {
      let deliver = () => {};
      const isRead = new Promise<void>((resolve) => {
        deliver = resolve;
      });
      const { files } = createFiles();
      const slow: FileReader = {
        version: (path) => files.version(path),
        read: async (path) => {
          await isRead;
          return files.read(path);
        },
      };
      const stage = await convertedCall(world, {
        alice: { formats: [pcmu] },
        bob: { formats: [pcmu, events8000] },
        engine: { files: slow },
      });
      const { engine, bob, legs, end } = stage;
      const played = engine.playFile(legs.bob.legId, { path: 'hold.wav', loop: true });
      await world.run(100);
      const changed = change(stage);
      await world.run(20);
      deliver();
      await world.complete(Promise.all([played, changed]));
      await world.run(500);
      expect(bob.levelOf(800, 0, 600)).toBeLessThan(-50);
      await end();
    });
  }

  scenario('ends with the leg', {}, async (world) => {
    const { engine, legs, end } = await convertedCall(world, {
      alice: { formats: [pcmu] },
      bob: { formats: [pcmu] },
      engine: createFiles(),
    });
    const played = engine.playFile(legs.bob.legId, { path: 'hold.wav', loop: true });
    await world.run(100);
    await end();
    await expect(played).resolves.toBeUndefined();
  });
});

describe('sendDigits()', () => {
  for (const [sound, events] of [
    [pcmu, events8000],
    [opus, events48000],
  ] as const) {
    scenario(`sends each digit once at ${events.clockRateHz} Hz, its end three times`, {}, async (world) => {
      const { engine, alice, bob, legs, end } = await convertedCall(world, {
        alice: { formats: [sound] },
        bob: { formats: [sound, events] },
      });
      alice.say(legs.alice, { frequencyHz: 440, durationMs: 3000 });
      await world.run(300);
      const sent = [engine.sendDigits(legs.bob.legId, '1#'), engine.sendDigits(legs.bob.legId, '5')];
      await world.complete(Promise.all(sent));
      await world.run(3000);
      const packets = bob.heard.filter(({ payloadType }) => payloadType === events.payloadType);
      const ends = packets.filter(({ payload }) => ((payload[1] ?? 0) & 0x80) !== 0);
      expect(ends.map(({ payload }) => payload[0])).toEqual([1, 1, 1, 11, 11, 11, 5, 5, 5]);
      const stamps = [...new Set(packets.map(({ timestamp }) => timestamp))];
      expect(stamps).toHaveLength(3);
      expect(packets.filter(({ marker }) => marker)).toHaveLength(3);
      // RFC 4733 §2.5.1.2: events stand in the stream, on the clock of its sound.
      const ticksPerMs = sound.clockRateHz / 1000;
      for (const stamp of stamps) {
        const { at } = packets.find(({ timestamp }) => timestamp === stamp) ?? { at: 0 };
        const [first] = bob.heard;
        const elapsedMs = (stamp - (first?.timestamp ?? 0)) / ticksPerMs;
        expect(Math.abs(elapsedMs - (at - (first?.at ?? 0)))).toBeLessThanOrEqual(20);
      }
      expect(isInOrder(numbersOf(bob.heard))).toBe(true);
      await end();
    });
  }
});
