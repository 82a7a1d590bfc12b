// How each room is: its own lines of the configuration, before those of all rooms, before what is usual.
import { DEFAULT_MAX_TALKERS } from '../../media/index.ts';
import type { RoomSettings } from './types.ts';

/** What is set where nothing is configured. */
export const DEFAULT_ROOM_SETTINGS: RoomSettings = {
  pin: undefined,
  moderatorPin: undefined,
  moderators: [],
  waitForModerator: false,
  whenModeratorLeaves: 'wait',
  maxMembers: 100,
  announce: 'tones',
  listenOnly: false,
  locked: false,
  spatial: false,
  maxTalkers: DEFAULT_MAX_TALKERS,
  automaticGain: true,
  noiseGate: true,
  keys: 'confbridge',
  record: false,
  levelIntervalMs: 0,
};

/** Rooms that exist only while somebody is in them, unless something else is configured. */
export const DEFAULT_ON_DEMAND: readonly string[] = ['3000'];

type Given = { readonly [Name in keyof RoomSettings]?: RoomSettings[Name] | undefined };

/** @param layers - the most important first */
export function roomSettings(...layers: readonly Given[]): RoomSettings {
  const settings = { ...DEFAULT_ROOM_SETTINGS };
  for (const layer of layers.toReversed()) {
    for (const [name, value] of Object.entries(layer)) {
      if (name in settings && value !== undefined) Object.assign(settings, { [name]: value });
    }
  }
  return settings;
}

/** Whether anybody may be a moderator by what is configured; otherwise whoever came first is one. */
export function hasModerators({ moderatorPin, moderators }: RoomSettings): boolean {
  return moderatorPin !== undefined || moderators.length > 0;
}
