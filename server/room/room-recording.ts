// Whether a room is recorded, and by whom.
import { type Log, messageOf } from '../../core/index.ts';
import type { RecordingNote } from '../../media/index.ts';
import type { RoomRecorder, RoomRecording } from './types.ts';

export interface RoomRecordingOptions {
  readonly name: string;
  readonly log: Log;
  /** Of the engine's room. */
  roomId(): Promise<number>;
  onChanged(isRecording: boolean, files: readonly string[]): void;
}

/** Switches one after the other; the last wish counts. */
export class RoomRecordingSwitch {
  readonly #recorder: RoomRecorder | undefined;
  readonly #options: RoomRecordingOptions;
  #recording: RoomRecording | undefined;
  #work: Promise<unknown> = Promise.resolve();

  constructor(recorder: RoomRecorder | undefined, options: RoomRecordingOptions) {
    this.#recorder = recorder;
    this.#options = options;
  }

  get isOn(): boolean {
    return this.#recording !== undefined;
  }

  /** Never rejects. @returns whether it is as was asked */
  set(isOn: boolean): Promise<boolean> {
    const done = this.#work.then(() => (isOn ? this.#start() : this.#stop()));
    this.#work = done;
    return done;
  }

  /** Into the time line, where there is one. */
  note(note: RecordingNote): void {
    this.#recording?.note(note);
  }

  async #start(): Promise<boolean> {
    if (this.#recording) return true;
    const { name, log, onChanged } = this.#options;
    if (!this.#recorder) {
      log.warn({}, 'a room is to be recorded, and nothing here records');
      return false;
    }
    const onFailed = (reason: string) => {
      log.warn({ reason }, 'the recording of a room ended by itself');
      void this.set(false);
    };
    let recording: RoomRecording;
    try {
      recording = await this.#recorder.start({ roomId: await this.#options.roomId(), name }, onFailed);
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'a room is not recorded');
      return false;
    }
    this.#recording = recording;
    onChanged(true, recording.files);
    return true;
  }

  async #stop(): Promise<boolean> {
    const recording = this.#recording;
    this.#recording = undefined;
    if (!recording) return true;
    this.#options.onChanged(false, await recording.stop());
    return true;
  }
}
