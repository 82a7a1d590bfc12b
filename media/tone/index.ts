// Tones of services.
export { ToneLibrary } from './tone-library.ts';
export { TonePlayer } from './tone-player.ts';
export { renderTone } from './tones.ts';
