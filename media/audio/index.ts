// Sound in files and from nowhere: WAV, Ogg Opus, tones, resampling, levels.

export { ChannelResampler } from './channel-resampler.ts';
export * from './level-meter.ts';
export * from './long-wav-header.ts';
export { type OggOpus, type ReadOggOpusOptions, readOggOpus } from './ogg-opus-reader.ts';
export {
  type DecodedOggPage,
  decodeOggPage,
  encodeOggPage,
  type OggPage,
  renumberOggPage,
} from './ogg-page.ts';
export { remix } from './remix.ts';
export { Resampler, resample } from './resampler.ts';
export * from './sources.ts';
export { SpeechLikeSource } from './speech-like.ts';
export * from './types.ts';
export { parseWav } from './wav-reader.ts';
export * from './wav-writer.ts';
