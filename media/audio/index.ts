// Sound in files and from nowhere: WAV, tones, resampling, levels.
export * from './level-meter.ts';
export { remix } from './remix.ts';
export { Resampler, resample } from './resampler.ts';
export * from './sources.ts';
export { SpeechLikeSource } from './speech-like.ts';
export * from './types.ts';
export { mixToMono, parseWav } from './wav-reader.ts';
export * from './wav-writer.ts';
