// Names recordings, and starts them for calls and rooms.
import { messageOf, OperationError, type Runtime, sleep } from '../../core/index.ts';
import type {
  MediaEngine,
  RecordingFormat,
  RecordingNote,
  RecordingReport,
  RecordingTarget,
  StartedRecording,
} from '../../media/index.ts';
import type { CallRecorder, RunningRecording } from '../call/index.ts';
import type { RoomRecorder, RoomRecording } from '../room/index.ts';

/** How recordings are made. */
export interface RecordingSettings {
  /** Made where it is missing. */
  readonly folder: string;
  readonly format: RecordingFormat;
  /** Whether each party has a file besides the mix. */
  readonly tracks: boolean;
}

export interface RecorderOptions {
  readonly runtime: Runtime;
  readonly media: MediaEngine;
  readonly settings: RecordingSettings;
}

/** What is left to be written takes the disk a moment. */
const LONGEST_END_MS = 5000;

/** The engine's recordings under the names of this server. One for all. */
export class Recorder implements CallRecorder {
  readonly #options: RecorderOptions;
  /** Those that run, by their number: what is to be done where one fails. */
  readonly #running = new Map<number, (reason: string) => void>();
  /** Of the last second, of recordings that are over as well: their files are there. In small letters, as some disks are. */
  readonly #names = new Set<string>();
  #second = '';

  constructor(options: RecorderOptions) {
    this.#options = options;
    options.media.on('recordingFailed', ({ recordingId, reason }) => {
      this.#running.get(recordingId)?.(reason);
    });
  }

  /** For rooms: files are told of in the log. */
  get rooms(): RoomRecorder {
    return { start: (room, onFailed) => this.#startRoom(room, onFailed) };
  }

  /** @throws OperationError `RECORDING_UNUSABLE` and those of the engine */
  async start(
    { target, title }: { readonly target: RecordingTarget; readonly title: string },
    onFailed: (reason: string) => void = () => {},
  ): Promise<RunningRecording> {
    const { media, runtime, settings } = this.#options;
    const { recordingId, files } = await media.startRecording(target, {
      ...settings,
      name: this.#nameOf(title),
    });
    runtime.log.info({ recording: files[0] }, 'recording started');
    this.#running.set(recordingId, onFailed);
    return this.#runningOf({ recordingId, files });
  }

  #runningOf({ recordingId, files }: StartedRecording): RunningRecording {
    const { media, runtime } = this.#options;
    const note = (what: RecordingNote) => {
      // It may have ended meanwhile.
      media.noteInRecording(recordingId, what).catch(() => {});
    };
    const stop = async () => {
      this.#running.delete(recordingId);
      try {
        const report = await this.#withinLimit(media.stopRecording(recordingId));
        const { durationMs, sizeBytes, failure } = report;
        runtime.log.info({ recording: files[0], durationMs, sizeBytes, failure }, 'recording ended');
        return report.files;
      } catch (error) {
        runtime.log.warn({ recording: files[0], reason: messageOf(error) }, 'recording cut off');
        return files;
      }
    };
    return { files, note, stop };
  }

  /** A disk that stands still must not keep a call from its end. */
  async #withinLimit(stopping: Promise<RecordingReport>): Promise<RecordingReport> {
    const done = new AbortController();
    const waiting = sleep(this.#options.runtime, LONGEST_END_MS, done.signal);
    try {
      const report = await Promise.race([stopping, waiting]);
      if (report) return report;
      throw new OperationError('RECORDING_FAILED', 'the disk does not answer');
    } finally {
      done.abort();
    }
  }

  async #startRoom(
    room: { readonly roomId: number; readonly name: string },
    onFailed: (reason: string) => void,
  ): Promise<RoomRecording> {
    const target = { roomId: room.roomId };
    const recording = await this.start({ target, title: room.name }, onFailed);
    return {
      files: recording.files,
      note: (note) => recording.note(note),
      stop: () => recording.stop(),
    };
  }

  /** `2026-11-27T10-00-00 alice bob`: files of one folder are in the order of their time. */
  #nameOf(title: string): string {
    const time = new Date(this.#options.runtime.clock.wallClock()).toISOString();
    const plain = title.replaceAll(/[^\p{L}\p{N} ._+@=,-]/gu, '_').slice(0, 80);
    const second = time.slice(0, 19).replaceAll(':', '-');
    if (second !== this.#second) this.#names.clear();
    this.#second = second;
    const base = `${second} ${plain}`;
    let name = base;
    for (let number = 2; this.#names.has(name.toLowerCase()); number += 1) name = `${base} ${number}`;
    this.#names.add(name.toLowerCase());
    return name;
  }
}
