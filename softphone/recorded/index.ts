// Recordings, played again.
export { findRecording, type RecordedFiles } from './recorded-files.ts';
export { type ReplayOptions, replay } from './replay.ts';
export { TimelineView } from './timeline-view.ts';
