// Conference rooms: who may come in, who is heard, what keys and commands do.
export { RoomHandle } from './room-handle.ts';
export { Rooms, type RoomsEvents, type RoomsOptions } from './rooms.ts';
export type {
  RoomEvent,
  RoomMemberState,
  RoomRecorder,
  RoomRecording,
  RoomRole,
  RoomSettings,
  RoomState,
} from './types.ts';
