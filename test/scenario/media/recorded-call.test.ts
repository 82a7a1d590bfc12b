// Recordings of relayed calls: who said what and when, on one time line.

import { describe, expect } from 'vitest';
import { DecodeError } from '../../../core/index.ts';
import { parseWav } from '../../../media/audio/index.ts';
import { parseTimeline, type RecordingOptions, type TimelineEvent } from '../../../media/index.ts';
import { scenario, toneLevelDbov } from '../../support/index.ts';
import { MemoryRecordings } from '../../support/memory-recordings.ts';
import { decodeOpus } from '../../support/recorded-sound.ts';
import { convertedCall } from './conversion-stage.ts';
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
});
