// A recorder on memory: where sound lies in the files, what a crash leaves, what a bad disk does.
import { describe, expect, it } from 'vitest';
import { DecodeError, type OperationError } from '../../../../core/index.ts';
import { parseWav, readOggOpus } from '../../../../media/audio/index.ts';
import { G711Codec, pcmuDescription } from '../../../../media/codec/g711-codec.ts';
import { trackMaker } from '../../../../media/recording/make-track.ts';
import { Recorder, type RecorderOptions } from '../../../../media/recording/recorder.ts';
import { parseTimeline } from '../../../../media/recording/timeline-reader.ts';
import { MemoryRecordings } from '../../../support/memory-recordings.ts';

const START = 5000;
const BEAT_MS = 20;
const FRAME = 960;
const MIX = '/rec/room.wav';
const TRACK = '/rec/room-alice.wav';
const TIMELINE = '/rec/room.jsonl';

function createRecorder(changes: Partial<RecorderOptions> = {}) {
  const disk = new MemoryRecordings();
  const failures: string[] = [];
  const time = { now: START };
  const recorder = new Recorder(START, {
    recordingId: 1,
    folder: '/rec',
    name: 'room',
    format: 'wav',
    tracks: true,
    channels: 1,
    files: disk,
    makeTrack: trackMaker({
      createOpus: async () => new G711Codec(pcmuDescription),
      serialNumber: () => 1,
    }),
    wallClock: Date.UTC(2026, 10, 27, 10),
    soundDelayMs: 40,
    voiceDelayMs: 40,
    usualDelayMs: 40,
    now: () => time.now,
    onFailed: (reason) => failures.push(reason),
    ...changes,
  });
  const flush = async (now: number) => {
    time.now = now;
    if ((recorder.nextTimeoutAt() ?? Number.POSITIVE_INFINITY) <= now) recorder.handleTimeout(now);
    await settle();
  };
  const speak = (now: number, legId = 7, sample = 1000) => {
    const pcm = new Int16Array(FRAME).fill(sample);
    recorder.handleBeat(now, [{ legId, pcm, delayMs: 40 }], pcm);
  };
  return { recorder, disk, failures, flush, speak };
}

/** Everything that does not wait for a stalled disk has its turn. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i += 1) await Promise.resolve();
}

const SILENT = new Int16Array(FRAME);

/** Encoders of a recording, and whether it gave them back. */
class Encoders {
  made = 0;
  open = 0;
  /** Each takes as long as this. */
  wait: Promise<unknown> = Promise.resolve();

  readonly makeTrack = trackMaker({
    createOpus: async () => {
      await this.wait;
      this.made += 1;
      this.open += 1;
      const codec = new G711Codec(pcmuDescription);
      return Object.assign(codec, {
        close: () => {
          this.open -= 1;
        },
      });
    },
    serialNumber: () => 1,
  });
}

const ALICE = { legId: 7, label: 'alice' };

function samples(disk: MemoryRecordings, path: string): Int16Array {
  return parseWav(disk.read(path), path).pcm;
}

function typesIn(disk: MemoryRecordings): readonly string[] {
  const timeline = parseTimeline(disk.read(TIMELINE));
  if (timeline instanceof DecodeError) throw new Error(timeline.toString());
  return timeline.events.map(({ type }) => type);
}

describe('Recorder', () => {
  it('puts sound where the clock says, with silence in front and between', async () => {
    const { recorder, disk, speak } = createRecorder();
    await recorder.opened();
    recorder.handleJoined(START + 1000, ALICE);
    speak(START + 2000);
    speak(START + 3000);
    const report = await recorder.stop(START + 4000);
    expect(report).toMatchObject({ files: [MIX, TRACK, TIMELINE], durationMs: 4000, failure: null });
    for (const path of [MIX, TRACK]) {
      const pcm = samples(disk, path);
      expect(pcm).toHaveLength(4 * 48_000);
      const loud = [...pcm.entries()].filter(([, sample]) => sample !== 0).map(([index]) => index);
      expect([loud[0], loud[FRAME - 1], loud[FRAME], loud.at(-1)]).toEqual([
        96_000,
        96_000 + FRAME - 1,
        144_000,
        144_000 + FRAME - 1,
      ]);
    }
    expect(disk.openCount).toBe(0);
  });

  it('goes on without a seam where beats are a little late, and never more than 10 ms off', async () => {
    const { recorder, disk, speak } = createRecorder();
    await recorder.opened();
    recorder.handleJoined(START, ALICE);
    // Each beat is late by another amount, and all by more and more: a clock that is 1 % slow.
    for (let beat = 0; beat < 500; beat += 1)
      speak(START + beat * BEAT_MS * 1.01 + (beat % 3) * 2, 7, 1 + beat);
    await recorder.stop(START + 11_000);
    const pcm = samples(disk, TRACK);
    for (const beat of [0, 100, 300, 499]) {
      const at = (pcm.indexOf(1 + beat) / 48_000) * 1000;
      expect(Math.abs(at - beat * BEAT_MS * 1.01)).toBeLessThan(10 + 4);
    }
  });

  it('leaves files that open, and miss under a second, wherever it is cut off', async () => {
    const { recorder, disk, flush, speak } = createRecorder();
    await recorder.opened();
    recorder.handleJoined(START, ALICE);
    recorder.handleTalking(START, 7, true);
    for (let now = START; now < START + 3000; now += BEAT_MS) {
      speak(now);
      await flush(now);
    }
    for (const path of [MIX, TRACK]) expect(samples(disk, path).length).toBeGreaterThan(2 * 48_000);
    expect(typesIn(disk)).toEqual(['joined', 'talking']);
    const timeline = parseTimeline(disk.read(TIMELINE));
    expect(timeline).toMatchObject({ isWhole: false });
  });

  it('costs next to nothing in silence', async () => {
    const { recorder, disk, flush } = createRecorder();
    await recorder.opened();
    recorder.handleJoined(START, ALICE);
    for (let now = START; now < START + 60_000; now += 400) await flush(now);
    await recorder.stop(START + 60_000);
    expect(samples(disk, TRACK)).toHaveLength(60 * 48_000);
    expect(disk.writtenBytes).toBeLessThan(30_000);
  });

  it('tells who came, talked, pressed and left, and closes the track of who left', async () => {
    const { recorder, disk, speak } = createRecorder();
    await recorder.opened();
    recorder.handleJoined(START + 500, ALICE);
    recorder.handleDigit(START + 900, 7, { digit: '5', durationMs: 100 });
    speak(START + 1000);
    recorder.handleLeft(START + 2000, 7);
    recorder.handleJoined(START + 3000, ALICE);
    recorder.note(START + 3500, { type: 'note', legId: 7, text: 'asked for the bill' });
    const report = await recorder.stop(START + 4000);
    expect(report.files).toEqual([MIX, TRACK, '/rec/room-alice-2.wav', TIMELINE]);
    expect(samples(disk, TRACK)).toHaveLength(2 * 48_000);
    const timeline = parseTimeline(disk.read(TIMELINE));
    expect(timeline).toMatchObject({
      start: { wallClock: '2026-11-27T10:00:00.000Z', mix: 'room.wav' },
      isWhole: true,
      events: [
        { type: 'joined', ms: 500, member: 1, label: 'alice', file: 'room-alice.wav' },
        { type: 'digit', ms: 800, member: 1, digit: '5', durationMs: 100 },
        { type: 'left', ms: 2000, member: 1 },
        { type: 'joined', ms: 3000, member: 2, label: 'alice', file: 'room-alice-2.wav' },
        { type: 'note', ms: 3500, member: 2, text: 'asked for the bill' },
        { type: 'end', ms: 4000 },
      ],
    });
  });

  it('a full disk ends it with the reason, and what was written stays readable', async () => {
    const { recorder, disk, failures, flush, speak } = createRecorder();
    await recorder.opened();
    recorder.handleJoined(START, ALICE);
    for (let now = START; now < START + 2000; now += BEAT_MS) {
      speak(now);
      await flush(now);
    }
    disk.roomBytes = 10_000;
    for (let now = START + 2000; now < START + 4000; now += BEAT_MS) {
      speak(now);
      await flush(now);
    }
    expect(failures).toEqual(['the disk is full']);
    expect(recorder.isEnded).toBe(true);
    const report = await recorder.stop(START + 9000);
    expect(report.failure).toBe('the disk is full');
    expect(report.durationMs).toBeLessThan(4000);
    for (const path of [MIX, TRACK]) expect(samples(disk, path).length).toBeGreaterThan(1.5 * 48_000);
    expect(disk.openCount).toBe(0);
  });

  it('a disk that is full as it stops is told of', async () => {
    const { recorder, disk, failures, speak } = createRecorder();
    await recorder.opened();
    speak(START);
    disk.roomBytes = 100;
    const report = await recorder.stop(START + 1000);
    expect(report.failure).toBe('the disk is full');
    expect(failures).toEqual([]);
    expect(disk.openCount).toBe(0);
  });

  it('a disk that stands still ends it before memory runs out', async () => {
    const { recorder, disk, failures, flush, speak } = createRecorder();
    await recorder.opened();
    recorder.handleJoined(START, ALICE);
    let release = () => {};
    disk.stall = new Promise((resolve) => {
      release = resolve;
    });
    for (let now = START; now < START + 60_000 && failures.length === 0; now += BEAT_MS) {
      speak(now);
      await flush(now);
    }
    expect(failures).toEqual(['the disk is too slow']);
    release();
    disk.stall = undefined;
    await recorder.stop(START + 60_000);
    expect(disk.openCount).toBe(0);
    expect(typesIn(disk).at(-1)).toBe('failed');
  });

  it('cuts names and notes that nobody could read, so that the time line can be', async () => {
    const { makeTrack } = new Encoders();
    const { recorder, disk } = createRecorder({ format: 'opus', makeTrack });
    await recorder.opened();
    recorder.handleJoined(START, { legId: 7, label: 'a'.repeat(70_000) });
    recorder.note(START, { type: 'note', text: '\u0001'.repeat(70_000) });
    expect(await recorder.stop(START + 1000)).toMatchObject({ failure: null });
    expect(typesIn(disk)).toEqual(['joined', 'note', 'end']);
  });

  it.each([
    { name: 'is stopped', roomBytes: Number.POSITIVE_INFINITY },
    { name: 'fails', roomBytes: 3000 },
    { name: 'cannot begin', roomBytes: 0 },
  ])('gives back its encoders where it $name', async ({ roomBytes }) => {
    const encoders = new Encoders();
    const { recorder, disk, flush, speak } = createRecorder({
      format: 'opus',
      makeTrack: encoders.makeTrack,
    });
    disk.roomBytes = roomBytes;
    await recorder.opened().catch(() => {});
    recorder.handleJoined(START, ALICE);
    for (let now = START; now < START + 1000; now += BEAT_MS) {
      speak(now);
      await flush(now);
    }
    await recorder.stop(START + 1000);
    expect(encoders.made).toBeGreaterThan(0);
    expect(encoders.open).toBe(0);
  });

  it('gives back an encoder that comes when it has failed', async () => {
    const encoders = new Encoders();
    const { recorder } = createRecorder({ format: 'opus', makeTrack: encoders.makeTrack });
    await recorder.opened();
    recorder.handleJoined(START, ALICE);
    encoders.wait = new Promise((resolve) => setImmediate(resolve));
    recorder.handleBeat(START, [{ legId: 7, pcm: new Int16Array(FRAME).fill(1), delayMs: 40 }], SILENT);
    recorder.fail('a fault');
    await recorder.stop(START + 1000);
    await encoders.wait;
    await settle();
    expect(encoders.made).toBe(2);
    expect(encoders.open).toBe(0);
  });

  it('waits for the track of who left, whose encoder is being made as it stops', async () => {
    const encoders = new Encoders();
    const { recorder, disk } = createRecorder({ format: 'opus', makeTrack: encoders.makeTrack });
    await recorder.opened();
    recorder.handleJoined(START, ALICE);
    encoders.wait = new Promise((resolve) => setImmediate(resolve));
    recorder.handleBeat(START, [{ legId: 7, pcm: new Int16Array(FRAME).fill(1), delayMs: 40 }], SILENT);
    recorder.handleLeft(START + 1000, 7);
    await recorder.stop(START + 1000);
    expect(readOggOpus(disk.read('/rec/room-alice.opus'))).toMatchObject({ durationSamples: 48_000 });
    expect(encoders.open).toBe(0);
  });

  it.each([
    {
      name: 'a folder that is not there',
      changes: { folder: '/missing' },
      reason: 'the folder is not there',
    },
    {
      name: 'a name that leads elsewhere',
      changes: { name: '../etc/passwd' },
      reason: 'the name of a recording',
    },
    { name: 'a name that is too long', changes: { name: 'a'.repeat(121) }, reason: 'at most 120' },
  ])('refuses $name', async ({ changes, reason }) => {
    const attempt = async () => {
      const { recorder } = createRecorder(changes);
      await recorder.opened();
    };
    const error = await attempt().catch((thrown: OperationError) => thrown);
    expect(error).toMatchObject({ code: 'RECORDING_UNUSABLE', message: expect.stringContaining(reason) });
  });

  it('overwrites nothing', async () => {
    const { recorder, disk } = createRecorder();
    await recorder.opened();
    const again = createRecorder({ files: disk });
    await expect(again.recorder.opened()).rejects.toMatchObject({
      message: expect.stringContaining('there is such a file already'),
    });
    expect(again.failures).toEqual([]);
    await recorder.stop(START + 1000);
  });
});
