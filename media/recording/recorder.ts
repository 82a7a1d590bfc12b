// One recording: whoever speaks, on one time line, into a file for the mix and one a track, with what happened beside.
import { messageOf, OperationError, type TimedMachine } from '../../core/index.ts';
import type { RoomTap, RoomVoice } from '../conference/types.ts';
import { BeatGrid } from './beat-grid.ts';
import { baseName, checkRecordingName, extensionOf, trackName } from './file-names.ts';
import type { RecordingFiles } from './files.ts';
import { PlacedTrack } from './placed-track.ts';
import { MAX_WRITTEN_CHARACTERS, TIMELINE_VERSION, TimelineWriter } from './timeline.ts';
import { RECORDING_RATE_HZ, type TrackFile } from './track-file.ts';
import type { RecordingFormat, RecordingNote, RecordingOptions, RecordingReport } from './types.ts';
import { VoiceShift } from './voice-shift.ts';
import { type QueuedFile, WriteQueue } from './write-queue.ts';

/** With what sound waits for before, and the disk takes after, well under the second that a crash may cost. */
const FLUSH_EVERY_MS = 300;
/** A track in which nobody speaks need not grow with every flush. */
const SILENT_FLUSH_MS = 4000;

/** Makes the file of one track in the format of the recording. */
export type MakeTrack = (
  file: QueuedFile,
  track: { readonly format: RecordingFormat; readonly channels: 1 | 2; readonly title: string },
  onFailed: (reason: string) => void,
) => TrackFile;

export interface RecorderOptions extends RecordingOptions {
  readonly recordingId: number;
  readonly files: RecordingFiles;
  readonly makeTrack: MakeTrack;
  /** Of the mix: two where the first party is on the left and the second on the right. */
  readonly channels: 1 | 2;
  /** Of `now`, in milliseconds since 1970. */
  readonly wallClock: number;
  /** How long after it was said sound reaches {@link Recorder.handleBeat} at the latest. */
  readonly soundDelayMs: number;
  /** The same of voices, which may be put back to when they were said. */
  readonly voiceDelayMs: number;
  /** What voices have usually waited: those that waited as long are in their track where they are in the mix. */
  readonly usualDelayMs: number;
  now(): number;
  /** Called once, where the recording has ended by itself after it was open. */
  onFailed(reason: string): void;
}

interface Member {
  readonly number: number;
  readonly track: PlacedTrack | undefined;
  readonly shift: VoiceShift;
}

/**
 * Sans-I/O: its owner feeds it, calls {@link Recorder.handleTimeout}, and ends it by {@link Recorder.stop}. Where sound
 * lies in the files is decided by `now` alone.
 */
export class Recorder implements RoomTap, TimedMachine {
  readonly #options: RecorderOptions;
  readonly #queue: WriteQueue;
  readonly #timeline = new TimelineWriter();
  readonly #timelineFile: QueuedFile;
  readonly #mix: PlacedTrack;
  readonly #beats = new BeatGrid();
  readonly #members = new Map<number, Member>();
  readonly #tracks: PlacedTrack[] = [];
  readonly #startedAt: number;
  readonly #names = new Set<string>();
  /** Tracks of those who left, until they are whole. */
  readonly #ending = new Set<Promise<void>>();
  #isOpen = false;
  #lastMember = 0;
  #nextFlushAt: number | undefined;
  #endedAt: number | undefined;
  #failure: string | null = null;
  #closing: Promise<void> | undefined;

  constructor(now: number, options: RecorderOptions) {
    const { folder, name, format, channels, wallClock } = options;
    checkRecordingName(name);
    this.#options = options;
    this.#startedAt = now;
    this.#queue = new WriteQueue(options.files, (reason) => this.fail(reason));
    this.#mix = this.#openTrack(name, channels);
    this.#timelineFile = this.#queue.open(`${folder}/${name}.jsonl`);
    this.#timeline.add({
      type: 'start',
      ms: 0,
      version: TIMELINE_VERSION,
      wallClock: new Date(wallClock).toISOString(),
      format,
      sampleRateHz: RECORDING_RATE_HZ,
      mix: baseName(this.#mix.path),
      channels,
    });
    this.#flushTimeline();
    this.#nextFlushAt = now + FLUSH_EVERY_MS;
  }

  /**
   * Resolves when the first files are there.
   *
   * @throws OperationError `RECORDING_UNUSABLE` that names the file and the reason
   */
  async opened(): Promise<void> {
    await this.#mix.prepare();
    await Promise.all(this.#queue.files.map((file) => file.written));
    if (this.#failure === null) {
      this.#isOpen = true;
      return;
    }
    await this.#closing;
    const reason = `the recording "${this.#mix.path}" cannot be written: ${this.#failure}`;
    throw new OperationError('RECORDING_UNUSABLE', reason);
  }

  get isEnded(): boolean {
    return this.#endedAt !== undefined;
  }

  /** Whether the disk has something to do, for which turns of the event loop are needed. */
  get isWorking(): boolean {
    return this.#queue.isWorking;
  }

  handleJoined(now: number, { legId, label }: { readonly legId: number; readonly label: string }): void {
    if (this.isEnded || this.#members.has(legId)) return;
    this.#lastMember += 1;
    const { tracks, name } = this.#options;
    const track = tracks ? this.#openTrack(trackName(name, label, this.#names), 1, label) : undefined;
    if (track) this.#tracks.push(track);
    const shift = new VoiceShift(this.#options.usualDelayMs);
    this.#members.set(legId, { number: this.#lastMember, track, shift });
    const file = track && { file: baseName(track.path) };
    this.#timeline.add({ type: 'joined', ms: this.#msOf(now), member: this.#lastMember, label, ...file });
  }

  handleLeft(now: number, legId: number): void {
    const member = this.#members.get(legId);
    if (!member || this.isEnded) return;
    this.#timeline.add({ type: 'left', ms: this.#msOf(now), member: member.number });
    this.#members.delete(legId);
    // Rooms see many come and go, and files that are open are few.
    if (!member.track) return;
    const ending = this.#endTrack(member.track, this.#positionOf(now));
    this.#ending.add(ending);
    void ending.then(() => this.#ending.delete(ending));
  }

  handleTalking(now: number, legId: number, isTalking: boolean): void {
    const member = this.#members.get(legId)?.number;
    if (member === undefined || this.isEnded) return;
    this.#timeline.add({ type: isTalking ? 'talking' : 'silent', ms: this.#msOf(now), member });
  }

  handleBeat(now: number, voices: readonly RoomVoice[], mix: Int16Array): void {
    if (this.isEnded) return;
    const exact = ((now - this.#startedAt) * RECORDING_RATE_HZ) / 1000;
    const position = this.#beats.place(exact, mix.length / this.#options.channels);
    this.#mix.write(position, mix);
    if (!this.#options.tracks) return;
    for (const { legId, pcm, delayMs } of voices) {
      const member = this.#members.get(legId);
      if (!member) continue;
      const shiftMs = member.shift.shiftFor(now, pcm, delayMs);
      member.track?.write(position - Math.round((shiftMs * RECORDING_RATE_HZ) / 1000), pcm);
    }
  }

  handleDigit(
    now: number,
    legId: number,
    digit: { readonly digit: string; readonly durationMs: number },
  ): void {
    const member = this.#members.get(legId)?.number;
    if (member === undefined || this.isEnded) return;
    const { digit: key, durationMs } = digit;
    const ms = Math.max(0, this.#msOf(now) - Math.round(durationMs));
    this.#timeline.add({ type: 'digit', ms, member, digit: key, durationMs: Math.round(durationMs) });
  }

  note(now: number, { type, legId, text }: RecordingNote): void {
    if (this.isEnded) return;
    const member = legId === undefined ? undefined : this.#members.get(legId)?.number;
    this.#timeline.add({
      type,
      ms: this.#msOf(now),
      ...(member === undefined ? {} : { member }),
      ...(text === undefined ? {} : { text }),
    });
  }

  nextTimeoutAt(): number | undefined {
    return this.#nextFlushAt;
  }

  handleTimeout(now: number): void {
    if (this.#nextFlushAt === undefined || now < this.#nextFlushAt) return;
    this.#nextFlushAt = now + FLUSH_EVERY_MS;
    this.#mix.flush(this.#positionOf(now - this.#options.soundDelayMs), 0);
    const position = this.#positionOf(now - this.#options.voiceDelayMs);
    for (const track of this.#tracks) track.flush(position, (SILENT_FLUSH_MS * RECORDING_RATE_HZ) / 1000);
    this.#flushTimeline();
  }

  /** Ends it by itself: what was written stays, and nothing more is. */
  fail(reason: unknown): void {
    if (this.isEnded) return;
    const now = this.#options.now();
    this.#failure = messageOf(reason);
    this.#timeline.add({ type: 'failed', ms: this.#msOf(now), text: this.#failure });
    const lines = this.#timeline.take();
    if (lines) this.#timelineFile.appendLast(lines);
    this.#close(now);
    if (this.#isOpen) this.#options.onFailed(this.#failure);
  }

  /** Ends it. Resolves when everything is on the disk. */
  async stop(now: number): Promise<RecordingReport> {
    if (!this.isEnded) {
      const open = [this.#mix, ...this.#tracks].filter(({ isEnded }) => !isEnded);
      // All files end alike: with the last beat where that is later.
      const position = Math.max(this.#positionOf(now), ...open.map(({ length }) => length));
      this.#timeline.add({ type: 'end', ms: this.#msOf(now) });
      this.#flushTimeline();
      this.#close(now, Promise.all([...open.map((track) => track.end(position)), ...this.#ending]));
    }
    await this.#closing;
    return this.report();
  }

  report(): RecordingReport {
    const files = [this.#mix.path, ...this.#tracks.map(({ path }) => path), this.#timelineFile.path];
    return {
      recordingId: this.#options.recordingId,
      files,
      durationMs: Math.round((this.#endedAt ?? this.#startedAt) - this.#startedAt),
      sizeBytes: this.#queue.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      // Of what it handed in last, too.
      failure: this.#failure ?? this.#queue.failure,
    };
  }

  #openTrack(name: string, channels: 1 | 2, title = name): PlacedTrack {
    const { folder, format, makeTrack } = this.#options;
    const file = this.#queue.open(`${folder}/${name}${extensionOf(format)}`);
    const shown = title.slice(0, MAX_WRITTEN_CHARACTERS);
    const track = makeTrack(file, { format, channels, title: shown }, (reason) => this.fail(reason));
    return new PlacedTrack(track, channels);
  }

  #flushTimeline(): void {
    const lines = this.#timeline.take();
    if (lines) this.#timelineFile.append(lines);
  }

  async #endTrack(track: PlacedTrack, position: number): Promise<void> {
    await track.end(position).catch((error: unknown) => this.fail(error));
    await this.#queue.files.find(({ path }) => path === track.path)?.close();
  }

  /** @param handedIn - when the last is on its way to the disk */
  #close(now: number, handedIn: Promise<unknown> = Promise.resolve()): void {
    this.#endedAt = now;
    this.#nextFlushAt = undefined;
    const handed = handedIn.catch((error: unknown) => {
      this.#failure ??= messageOf(error);
    });
    this.#closing = handed.then(() => {
      for (const track of [this.#mix, ...this.#tracks]) track.release();
      return this.#queue.close();
    });
  }

  #msOf(now: number): number {
    return Math.max(0, Math.round(now - this.#startedAt));
  }

  #positionOf(now: number): number {
    return Math.max(0, Math.floor(((now - this.#startedAt) * RECORDING_RATE_HZ) / 1000));
  }
}
