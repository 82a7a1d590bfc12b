// What rooms need of the media engine.
import type { Emitter } from '../../core/index.ts';
import type { MediaEngine, RoomControl, RoomEvents } from '../../media/index.ts';

export type RoomMedia = RoomControl &
  Pick<MediaEngine, 'playFile' | 'stopPlaying' | 'disconnect'> &
  Pick<Emitter<RoomEvents>, 'on'>;
