// Recordings of calls and rooms.
export { extensionOf } from './file-names.ts';
export type { RecordingFile, RecordingFiles } from './files.ts';
export { trackMaker } from './make-track.ts';
export { type LegTap, RecordingSession } from './session.ts';
export {
  TIMELINE_VERSION,
  type TimelineEntry,
  type TimelineEvent,
  type TimelineStart,
} from './timeline.ts';
export { parseTimeline, type Timeline } from './timeline-reader.ts';
export { RECORDING_RATE_HZ } from './track-file.ts';
export type * from './types.ts';
export { MAX_WAITING_BYTES } from './write-queue.ts';
