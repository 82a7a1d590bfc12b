// Recordings of calls and rooms, as the configuration wants them.
export { Recorder, type RecorderOptions, type RecordingSettings } from './recorder.ts';
