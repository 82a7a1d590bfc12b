// What happens to sound: codecs, files, RTP, RTCP, quality, the relay.
export * from './audio/index.ts';
export * from './codec/index.ts';
export * from './conference/types.ts';
export { VoiceFloor } from './conference/voice-floor.ts';
export * from './engine/index.ts';
export * from './impairment/index.ts';
export * from './jitter/index.ts';
export * from './quality/index.ts';
export * from './receiver/index.ts';
export {
  parseTimeline,
  type RecordingFile,
  type RecordingFiles,
  type RecordingFormat,
  type RecordingNote,
  type RecordingOptions,
  type RecordingReport,
  type RecordingTarget,
  type StartedRecording,
  type Timeline,
  type TimelineEvent,
  type TimelineStart,
} from './recording/index.ts';
export * from './resilience/index.ts';
export * from './session/index.ts';
export {
  LARGEST_FILE_BYTES,
  OpusFileSource,
  opusFrom,
  opusLengthSamples,
  readSoundFile,
} from './tone/index.ts';
export { frameMsFor } from './transcode/index.ts';
export * from './worker/index.ts';
