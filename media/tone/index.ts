// What the engine plays to a party itself: tones, files, digits.
export { DigitPlayer, type DigitPlayerOptions } from './digit-player.ts';
export { opusFrom, opusLengthSamples } from './opus-excerpt.ts';
export { OpusFileSource } from './opus-file-source.ts';
export type { Player, PlayerOutcome } from './player.ts';
export type { Borrowed } from './sound-cache.ts';
export { readSoundFile, type SoundFile } from './sound-file.ts';
export {
  type FileReader,
  LARGEST_FILE_BYTES,
  type OpenedFile,
  type SoundFormat,
  SoundLibrary,
} from './sound-library.ts';
export { SoundPlayer, type SoundPlayerOptions } from './sound-player.ts';
export { renderTone } from './tones.ts';
