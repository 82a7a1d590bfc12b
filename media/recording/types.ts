// The contract of recordings between call control and the media engine: plain data, so that it crosses a MessagePort.

export type RecordingFormat = 'wav' | 'opus';

/** What is recorded: the legs of one call, or a room with whoever comes and goes. */
export type RecordingTarget = { readonly legIds: readonly number[] } | { readonly roomId: number };

export interface RecordingOptions {
  /** Made where it is missing, in a folder that is there. In it come a file for the mix, one a track, and a time line. */
  readonly folder: string;
  /** Begins every file name: `2026-11-27T10-00-00 3000`; without separators of paths. */
  readonly name: string;
  readonly format: RecordingFormat;
  /** Whether there is a file for each party or member besides the mix. */
  readonly tracks: boolean;
}

/** A recording that has begun. */
export interface StartedRecording {
  readonly recordingId: number;
  /** As in {@link RecordingReport}, so far: a room's tracks come with its members. */
  readonly files: readonly string[];
}

/** What a recording has come to. */
export interface RecordingReport {
  readonly recordingId: number;
  /** Paths of all files, the mix first, the time line last. */
  readonly files: readonly string[];
  readonly durationMs: number;
  readonly sizeBytes: number;
  /** Why it ended before it was stopped, or lacks its end (a full disk); null where it is whole. */
  readonly failure: string | null;
}

export interface RecordingEvents {
  /** It ended by itself: the disk is full, or the file cannot be written. The call goes on. */
  recordingFailed: { readonly recordingId: number; readonly reason: string };
}

/** Something to be written into the time line besides what the engine sees itself (who, talk spurts, digits). */
export interface RecordingNote {
  readonly type: 'hold' | 'resume' | 'note';
  /** Of which party or member; undefined: of all. */
  readonly legId?: number;
  readonly text?: string;
}

/** Every promise may reject with an `OperationError`: `RECORDING_UNKNOWN`, `RECORDING_UNUSABLE` (folder, name), `MEDIA_LEG_UNKNOWN`, `MEDIA_ROOM_UNKNOWN`. */
export interface RecordingControl {
  startRecording(target: RecordingTarget, options: RecordingOptions): Promise<StartedRecording>;
  /** Also ends by itself when its room or all of its legs are closed: then this returns the last report. */
  stopRecording(recordingId: number): Promise<RecordingReport>;
  noteInRecording(recordingId: number, note: RecordingNote): Promise<void>;
}
