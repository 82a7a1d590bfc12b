// Recordings of rooms: members who come and go, and half an hour of clocks that run as they please.
import { describe, expect } from 'vitest';
import { DecodeError } from '../../../core/index.ts';
import { parseWav } from '../../../media/audio/index.ts';
import { parseTimeline, type RecordingOptions } from '../../../media/index.ts';
import { scenario, toneLevelDbov, type World } from '../../support/index.ts';
import { MemoryRecordings } from '../../support/memory-recordings.ts';
import { ConferenceStage, PLAIN_ROOM } from './conference-stage.ts';
import { type Clockwork, expectAligned, latenessIn, Pipper } from './pipper.ts';
import { FORMATS } from './tone-party.ts';

const { pcmu, opus } = FORMATS;
const OPTIONS: RecordingOptions = { folder: '/rec', name: '3000', format: 'wav', tracks: true };
const RATE_HZ = 48_000;
const MINUTE_MS = 60_000;

function read(disk: MemoryRecordings, path: string): Int16Array {
  return parseWav(disk.read(path), path).pcm;
}

describe('a recorded room', () => {
  scenario('has a track a member, each from its place on', {}, async (world) => {
    const recordingFiles = new MemoryRecordings();
    const stage = await ConferenceStage.open(world, PLAIN_ROOM, { recordingFiles });
    const alice = await stage.join('alice', { formats: [pcmu] });
    const { engine, roomId } = stage;
    const { recordingId } = await world.hold(engine.startRecording({ roomId }, OPTIONS));
    const startedAt = world.clock.now();
    alice.party.say(alice.leg, { frequencyHz: 440, durationMs: 1000 });
    await world.run(1500);
    const bob = await stage.join('bob', { formats: [opus] });
    const joinedMs = world.clock.now() - startedAt;
    bob.party.say(bob.leg, { frequencyHz: 1000, durationMs: 1000 });
    await world.run(500);
    alice.party.say(alice.leg, { frequencyHz: 440, durationMs: 1000 });
    await world.run(1500);
    const report = await world.complete(engine.stopRecording(recordingId));
    await stage.end();
    const [mixPath = '', alicePath = '', bobPath = '', timelinePath = ''] = report.files;
    const [mix, a, b] = [mixPath, alicePath, bobPath].map((path) => read(recordingFiles, path));
    const level = (pcm: Int16Array | undefined, frequencyHz: number, fromMs: number) => {
      const part = pcm?.subarray((fromMs * RATE_HZ) / 1000, ((fromMs + 200) * RATE_HZ) / 1000);
      return toneLevelDbov(part ?? new Int16Array(), { frequencyHz, clockRateHz: RATE_HZ });
    };
    for (const pcm of [mix, a, b]) expect(pcm).toHaveLength(mix?.length ?? 0);
    expect((mix?.length ?? 0) / RATE_HZ).toBeCloseTo(3.5, 1);
    expect(level(a, 440, 500)).toBeCloseTo(-20, 0);
    expect(level(b, 1000, joinedMs + 700)).toBeCloseTo(-20, 0);
    expect(b?.subarray(0, joinedMs * 48).every((sample) => sample === 0)).toBe(true);
    // Both at once: each in the mix, and only one in a track.
    const both = 2200;
    for (const frequencyHz of [440, 1000]) expect(level(mix, frequencyHz, both)).toBeCloseTo(-20, 0);
    expect(level(a, 1000, both)).toBeLessThan(-60);
    expect(level(b, 440, both)).toBeLessThan(-60);
    const timeline = parseTimeline(recordingFiles.read(timelinePath));
    if (timeline instanceof DecodeError) throw new Error(timeline.toString());
    expect(timeline.events.filter(({ type }) => type === 'joined')).toMatchObject([
      { ms: 0, member: 1, label: 'alice', file: '3000-alice.wav' },
      { ms: joinedMs, member: 2, label: 'bob', file: '3000-bob.wav' },
    ]);
    const talks = timeline.events.filter(({ type }) => type === 'talking' || type === 'silent');
    expect(talks.map((talk) => ('member' in talk ? `${talk.type} ${talk.member}` : ''))).toEqual(
      expect.arrayContaining(['talking 1', 'silent 1', 'talking 2', 'talking 1']),
    );
  });

  scenario('ends with its room', {}, async (world) => {
    const recordingFiles = new MemoryRecordings();
    const stage = await ConferenceStage.open(world, PLAIN_ROOM, { recordingFiles });
    await stage.join('alice', { formats: [pcmu] });
    const { engine, roomId } = stage;
    const { recordingId } = await world.hold(engine.startRecording({ roomId }, OPTIONS));
    await world.run(1000);
    await stage.end();
    const report = await world.complete(engine.stopRecording(recordingId));
    expect(report).toMatchObject({ durationMs: 1000, failure: null });
    expect(recordingFiles.openCount).toBe(0);
  });

  scenario(
    'is on the disk before the engine is closed, though it was being ended already',
    {},
    async (world) => {
      const recordingFiles = new MemoryRecordings();
      const stage = await ConferenceStage.open(world, PLAIN_ROOM, { recordingFiles });
      const alice = await stage.join('alice', { formats: [pcmu] });
      const { engine, roomId } = stage;
      const { recordingId } = await world.hold(engine.startRecording({ roomId }, OPTIONS));
      await world.run(1000);
      let write = () => {};
      recordingFiles.stall = new Promise((resolve) => {
        write = resolve;
      });
      const stopped = engine.stopRecording(recordingId);
      let isClosed = false;
      const closed = engine.close().then(() => {
        isClosed = true;
      });
      alice.party.close();
      await world.settle();
      expect([isClosed, recordingFiles.openCount]).toEqual([false, 3]);
      write();
      await world.complete(closed);
      expect(recordingFiles.openCount).toBe(0);
      expect((await stopped).durationMs).toBe(1000);
    },
  );
});

/** Everybody says a pip each minute; finds out how late each is in its track, in milliseconds. */
async function latenessOfPips(
  world: World,
  { minutes, clockworks }: { readonly minutes: number; readonly clockworks: readonly Clockwork[] },
): Promise<readonly (readonly number[])[]> {
  const recordingFiles = new MemoryRecordings();
  const stage = await ConferenceStage.open(world, PLAIN_ROOM, {
    recordingFiles,
    inactivityMs: 10 * MINUTE_MS,
  });
  const { engine, roomId } = stage;
  const { recordingId } = await world.hold(engine.startRecording({ roomId }, OPTIONS));
  const startedAt = world.clock.now();
  // What they hear is another test's, and takes most of the time.
  const enter = (legId: number) => engine.joinRoom(legId, roomId, { isDeaf: true });
  const pippers: Pipper[] = [];
  for (const clockwork of clockworks) pippers.push(await Pipper.open(world, engine, clockwork, enter));
  for (let minute = 0; minute < minutes; minute += 1) {
    await world.run(startedAt + minute * MINUTE_MS + 5000 - world.clock.now());
    for (const pipper of pippers) {
      pipper.pip();
      // Now one after the other, now at once; and never in step with the beats.
      await world.run(minute % 2 === 0 ? 0 : 3007);
    }
  }
  await world.run(startedAt + minutes * MINUTE_MS - world.clock.now());
  const report = await world.complete(engine.stopRecording(recordingId));
  expect(report).toMatchObject({ durationMs: minutes * MINUTE_MS, failure: null });
  for (const pipper of pippers) {
    await engine.closeLeg(pipper.legId);
    pipper.close();
  }
  await stage.end();
  return pippers.map((pipper, index) =>
    latenessIn(recordingFiles.file(report.files[index + 1] ?? ''), pipper, startedAt),
  );
}

/** It takes two seconds, and on a busy machine many. */
const SLOW = { timeoutMs: 120_000 };

/** As long and as dense as one likes: `PATCHCORD_RECORDED_MINUTES=120`, with packets all the time. */
const LONG_MINUTES = Number(process.env.PATCHCORD_RECORDED_MINUTES ?? 0);

describe('half an hour of a room', () => {
  scenario('stays aligned within 20 ms, whatever the clocks of its members do', SLOW, async (world) => {
    const lateness = await latenessOfPips(world, {
      minutes: 30,
      clockworks: [
        { name: 'true', ppm: 0 },
        { name: 'fast', ppm: 300, silenceMs: 2000 },
        { name: 'slow', ppm: -300, silenceMs: 2000 },
        { name: 'wild', ppm: 1000, isWild: true },
        { name: 'shaky', ppm: 50, silenceMs: 200, jitterMs: 60 },
      ],
    });
    expectAligned(lateness);
  });

  if (LONG_MINUTES > 0) {
    scenario('stays aligned with packets all the time', { timeoutMs: 600_000 }, async (world) => {
      const lateness = await latenessOfPips(world, {
        minutes: LONG_MINUTES,
        clockworks: [
          { name: 'true', ppm: 0, silenceMs: 20 },
          { name: 'fast', ppm: 300, silenceMs: 20 },
          { name: 'slow', ppm: -300, silenceMs: 20 },
          { name: 'shaky', ppm: 50, silenceMs: 20, jitterMs: 60 },
        ],
      });
      expectAligned(lateness);
    });
  }
});
