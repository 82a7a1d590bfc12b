// Recordings of relayed calls: who said what and when, on one time line.

import { describe, expect } from 'vitest';
import { DecodeError } from '../../../core/index.ts';
import { parseWav } from '../../../media/audio/index.ts';
import { aLaw, encodeG711 } from '../../../media/codec/g711.ts';
import {
  InlineMediaEngine,
  parseTimeline,
  type RecordingOptions,
  type TimelineEvent,
} from '../../../media/index.ts';
import { makeTone, scenario, toneLevelDbov } from '../../support/index.ts';
import { MemoryRecordings } from '../../support/memory-recordings.ts';
import { decodeOpus } from '../../support/recorded-sound.ts';
import { convertedCall } from './conversion-stage.ts';
import { type Clockwork, expectAligned, latenessIn, Pipper } from './pipper.ts';
import { RELAY, remoteOf } from './stage.ts';
import { FORMATS } from './tone-party.ts';

const { pcmu, opus, events8000 } = FORMATS;
const OPTIONS: RecordingOptions = { folder: '/rec', name: '2026-11-27 alice', format: 'wav', tracks: true };
const RATE_HZ = 48_000;
const [ALICE_HZ, BOB_HZ] = [440, 1000];

function levelAt(pcm: Int16Array, frequencyHz: number, fromMs: number, durationMs = 200): number {
  const part = pcm.subarray((fromMs * RATE_HZ) / 1000, ((fromMs + durationMs) * RATE_HZ) / 1000);
  return toneLevelDbov(part, { frequencyHz, clockRateHz: RATE_HZ });
}

/** One channel of interleaved stereo. */
function channel(pcm: Int16Array, index: 0 | 1): Int16Array {
  return Int16Array.from({ length: pcm.length / 2 }, (_, i) => pcm[2 * i + index] ?? 0);
}

/** When sound begins, in milliseconds. */
function onsetMs(pcm: Int16Array): number {
  return (pcm.findIndex((sample) => Math.abs(sample) > 300) / RATE_HZ) * 1000;
}

function eventsIn(files: MemoryRecordings, path: string): readonly TimelineEvent[] {
  const timeline = parseTimeline(files.read(path));
  if (timeline instanceof DecodeError) throw new Error(timeline.toString());
  return timeline.events;
}

describe('a recorded call', () => {
  scenario('has each party on its side, at the time when it spoke', {}, async (world) => {
    const recordingFiles = new MemoryRecordings();
    const { engine, alice, bob, legs, end } = await convertedCall(world, {
      alice: { formats: [pcmu, events8000] },
      bob: { formats: [opus] },
      engine: { recordingFiles },
    });
    const target = { legIds: [legs.alice.legId, legs.bob.legId] };
    const { recordingId } = await world.hold(engine.startRecording(target, OPTIONS));
    await world.run(1000);
    alice.say(legs.alice, { frequencyHz: ALICE_HZ, durationMs: 1000 });
    await world.run(1500);
    bob.say(legs.bob, { frequencyHz: BOB_HZ, durationMs: 1000 });
    await world.run(1100);
    alice.press(legs.alice, events8000, 5);
    await world.run(900);
    await engine.noteInRecording(recordingId, { type: 'hold', legId: legs.bob.legId });
    await world.run(500);
    const report = await world.complete(engine.stopRecording(recordingId));
    await end();
    expect(report).toMatchObject({ failure: null, durationMs: 5000 });
    expect(report.files).toEqual([
      '/rec/2026-11-27 alice.wav',
      '/rec/2026-11-27 alice-alice.wav',
      '/rec/2026-11-27 alice-bob.wav',
      '/rec/2026-11-27 alice.jsonl',
    ]);
    expect(recordingFiles.openCount).toBe(0);
    const [mixPath = '', alicePath = '', bobPath = '', timelinePath = ''] = report.files;
    const [mix, a, b] = [mixPath, alicePath, bobPath].map((path) =>
      parseWav(recordingFiles.read(path), path),
    );
    expect(mix).toMatchObject({ sampleRateHz: RATE_HZ, channels: 2 });
    expect(a).toMatchObject({ sampleRateHz: RATE_HZ, channels: 1 });
    for (const sound of [mix, a, b])
      expect((sound?.pcm.length ?? 0) / (sound?.channels ?? 0)).toBe(5 * RATE_HZ);
    const [left, right] = [
      channel(mix?.pcm ?? new Int16Array(), 0),
      channel(mix?.pcm ?? new Int16Array(), 1),
    ];
    for (const [pcm, own, other, fromMs] of [
      [a?.pcm, ALICE_HZ, BOB_HZ, 1000],
      [left, ALICE_HZ, BOB_HZ, 1000],
      [b?.pcm, BOB_HZ, ALICE_HZ, 2500],
      [right, BOB_HZ, ALICE_HZ, 2500],
    ] as const) {
      expect(levelAt(pcm ?? new Int16Array(), own, fromMs + 300)).toBeCloseTo(-20, 0);
      expect(levelAt(pcm ?? new Int16Array(), other, fromMs + 300)).toBeLessThan(-60);
      // The way of a packet, and what codecs and filters need.
      expect(onsetMs(pcm ?? new Int16Array()) - fromMs).toBeGreaterThanOrEqual(0);
      expect(onsetMs(pcm ?? new Int16Array()) - fromMs).toBeLessThan(40);
    }
    const events = eventsIn(recordingFiles, timelinePath);
    expect(events.map(({ type }) => type)).toEqual([
      'joined',
      'joined',
      'talking',
      'silent',
      'talking',
      'silent',
      'digit',
      'hold',
      'end',
    ]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'digit', member: 1, digit: '5' }));
    expect(events).toContainEqual({ type: 'hold', ms: 4500, member: 2 });
  });

  scenario('is Ogg Opus where that is asked for, silence included', {}, async (world) => {
    const recordingFiles = new MemoryRecordings();
    const { engine, alice, bob, legs, end } = await convertedCall(world, {
      alice: { formats: [pcmu] },
      bob: { formats: [pcmu] },
      engine: { recordingFiles },
    });
    const target = { legIds: [legs.alice.legId, legs.bob.legId] };
    const options = { ...OPTIONS, format: 'opus' } as const;
    const { recordingId } = await world.hold(engine.startRecording(target, options));
    await world.run(1000);
    alice.say(legs.alice, { frequencyHz: ALICE_HZ, durationMs: 1000 });
    bob.say(legs.bob, { frequencyHz: BOB_HZ, durationMs: 500 });
    await world.run(1510);
    const report = await world.hold(engine.stopRecording(recordingId));
    await end();
    const [mixPath = '', alicePath = ''] = report.files;
    const mix = await decodeOpus(recordingFiles.read(mixPath));
    expect(mix.channels).toBe(2);
    expect(mix.pcm.length / 2).toBe((2510 * RATE_HZ) / 1000);
    expect(levelAt(channel(mix.pcm, 0), ALICE_HZ, 1400)).toBeCloseTo(-20, 0);
    expect(levelAt(channel(mix.pcm, 0), BOB_HZ, 1200)).toBeLessThan(-45);
    expect(levelAt(channel(mix.pcm, 1), BOB_HZ, 1200)).toBeCloseTo(-20, 0);
    const track = await decodeOpus(recordingFiles.read(alicePath));
    expect(track.channels).toBe(1);
    expect(track.pcm.length).toBe((2510 * RATE_HZ) / 1000);
    expect(onsetMs(track.pcm) - 1000).toBeGreaterThanOrEqual(0);
    expect(onsetMs(track.pcm) - 1000).toBeLessThan(40);
  });

  scenario('stays aligned through jitter and drift', {}, async (world) => {
    const recordingFiles = new MemoryRecordings();
    const engine = new InlineMediaEngine(world.host('relay', { addresses: [RELAY] }), { recordingFiles });
    const open = (clockwork: Clockwork) => Pipper.open(world, engine, clockwork, async () => {});
    const pippers = [
      await open({ name: 'fast', ppm: 300, silenceMs: 20 }),
      await open({ name: 'shaky', ppm: -300, silenceMs: 20, jitterMs: 80 }),
    ] as const;
    const legIds = pippers.map(({ legId }) => legId);
    await engine.connect(pippers[0].legId, pippers[1].legId);
    const { recordingId } = await world.hold(engine.startRecording({ legIds }, OPTIONS));
    const startedAt = world.clock.now();
    for (let round = 0; round < 12; round += 1) {
      await world.run(5000);
      for (const pipper of pippers) pipper.pip();
      await world.run(round % 2 === 0 ? 1007 : 0);
    }
    await world.run(2000);
    const report = await world.complete(engine.stopRecording(recordingId));
    for (const pipper of pippers) {
      await engine.closeLeg(pipper.legId);
      pipper.close();
    }
    await engine.close();
    expectAligned(
      pippers.map((pipper, index) =>
        latenessIn(recordingFiles.file(report.files[index + 1] ?? ''), pipper, startedAt),
      ),
    );
  });

  scenario('ends with its last leg, and is told of afterwards', {}, async (world) => {
    const recordingFiles = new MemoryRecordings();
    const { engine, alice, legs, end } = await convertedCall(world, {
      alice: { formats: [pcmu] },
      bob: { formats: [pcmu] },
      engine: { recordingFiles },
    });
    const target = { legIds: [legs.alice.legId, legs.bob.legId] };
    const { recordingId } = await world.hold(engine.startRecording(target, OPTIONS));
    await expect(engine.startRecording(target, { ...OPTIONS, name: 'again' })).rejects.toMatchObject({
      code: 'RECORDING_UNUSABLE',
      message: '"alice" is recorded already',
    });
    alice.say(legs.alice, { frequencyHz: ALICE_HZ, durationMs: 1000 });
    await world.run(1000);
    await end();
    const report = await world.complete(engine.stopRecording(recordingId));
    expect(report).toMatchObject({ durationMs: 1000, failure: null });
    // The last words, too.
    const track = parseWav(recordingFiles.read(report.files[1] ?? ''), 'alice');
    expect(levelAt(track.pcm, ALICE_HZ, 750)).toBeCloseTo(-20, 0);
    await expect(engine.stopRecording(recordingId)).rejects.toMatchObject({ code: 'RECORDING_UNKNOWN' });
    expect(recordingFiles.openCount).toBe(0);
  });

  scenario('goes on through another codec', {}, async (world) => {
    const recordingFiles = new MemoryRecordings();
    const { engine, alice, legs, end } = await convertedCall(world, {
      alice: { formats: [opus, pcmu] },
      bob: { formats: [pcmu] },
      engine: { recordingFiles },
    });
    const target = { legIds: [legs.alice.legId] };
    const { recordingId } = await world.hold(engine.startRecording(target, OPTIONS));
    alice.say(legs.alice, { frequencyHz: ALICE_HZ, durationMs: 1000 });
    await world.run(1200);
    const pcma = { ...FORMATS.pcma };
    await world.hold(engine.setRemote(legs.alice.legId, remoteOf(alice.local, { formats: [pcma] })));
    const payload = encodeG711(aLaw, makeTone({ frequencyHz: BOB_HZ, clockRateHz: 8000, durationMs: 20 }));
    for (let packet = 0; packet < 50; packet += 1) {
      alice.skip(160);
      alice.sendRaw(legs.alice, pcma.payloadType, payload);
      await world.run(20);
    }
    const report = await world.hold(engine.stopRecording(recordingId));
    await end();
    const mix = parseWav(recordingFiles.read(report.files[0] ?? ''), 'mix');
    expect(mix.channels).toBe(1);
    expect(levelAt(mix.pcm, ALICE_HZ, 500)).toBeCloseTo(-20, 0);
    expect(levelAt(mix.pcm, BOB_HZ, 1700)).toBeCloseTo(-20, 0);
  });
});
