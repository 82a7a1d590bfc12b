// What the engine plays to a party itself: tones, files, digits.
export { DigitPlayer, type DigitPlayerOptions } from './digit-player.ts';
export type { Player, PlayerOutcome } from './player.ts';
export type { Borrowed } from './sound-cache.ts';
export { type FileReader, type SoundFormat, SoundLibrary } from './sound-library.ts';
export { SoundPlayer, type SoundPlayerOptions } from './sound-player.ts';
export { renderTone } from './tones.ts';
