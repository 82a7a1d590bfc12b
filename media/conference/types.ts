// The contract between call control and the rooms of the media engine: plain data, so that it crosses a MessagePort.
import type { ToneName } from '../engine/types.ts';
import { CLIENT_LEVEL_URI, MIXER_LEVEL_URI } from '../rtp/audio-level.ts';
import type { BeatLateness } from './beat-lateness.ts';

export type { BeatLateness };

export interface OpenRoomOptions {
  /** Rooms and the legs that join them share a worker: open the legs with the same key. */
  readonly callKey: string;
  /** For logs: `3000`. */
  readonly label: string;
  /** Talkers that are mixed at once, 1 to 32; {@link DEFAULT_MAX_TALKERS} where not given. */
  readonly maxTalkers?: number;
  /** Whether voices are brought towards -18 dBov; true where not given. */
  readonly automaticGain?: boolean;
  /** Whether what is between the words of a talker is turned down; true where not given. */
  readonly noiseGate?: boolean;
  /** Whether listeners with stereo hear where members are; false where not given. */
  readonly isSpatial?: boolean;
  /** How often `levels` is told; 0, the default, is never. */
  readonly levelIntervalMs?: number;
}

export interface OpenedRoom {
  readonly roomId: number;
}

/** A point of a room, in metres: x to the east, y to the north, z upwards. */
export interface Position {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** How one member takes part. */
export interface MemberSettings {
  /** What the member says is not mixed, and not decoded either. Listen-only members are muted for good. */
  readonly isMuted: boolean;
  /** The member hears silence. */
  readonly isDeaf: boolean;
  /** On top of the automatic gain, -40 to 20. */
  readonly gainDb: number;
  /** Undefined: heard and hearing from the middle, at no distance. */
  readonly position: Position | undefined;
  /** Where the member looks to, in degrees clockwise from north (y); 0 where not given. */
  readonly facingDegrees: number;
}

/** What everybody in the room is to hear, mixed in: one after the other. */
export type RoomSound = { readonly tone: ToneName } | { readonly files: readonly string[] };

/** A member of a room, as the mixer sees it. */
export interface MemberReport {
  readonly legId: number;
  readonly label: string;
  readonly isTalking: boolean;
  readonly isMuted: boolean;
  /** Of the last beat in which the member was decoded; null where it was not. */
  readonly levelDbov: number | null;
  readonly talkedMs: number;
}

/** What a room did since it was opened. */
export interface RoomReport {
  readonly roomId: number;
  readonly label: string;
  readonly members: readonly MemberReport[];
  /** Beats in which anything was mixed; an empty or silent room has none. */
  readonly beats: number;
  /** How late they left. */
  readonly lateness: BeatLateness;
  readonly decodes: number;
  /** Packets that were made for somebody: what only warms an encoder before it takes over is not among them. */
  readonly encodes: number;
  /** Packets that needed no decoder to be known as silence: RFC 6464, DTX, Opus' own bits, or too quiet to count. */
  readonly undecoded: number;
}

/** What rooms tell. */
export interface RoomEvents {
  /** A member began or ended to talk. */
  talking: { readonly roomId: number; readonly legId: number; readonly isTalking: boolean };
  /** Of those who talked since the last one; told only where `levelIntervalMs` asks for it, and something was said. */
  levels: {
    readonly roomId: number;
    readonly levels: readonly { readonly legId: number; readonly levelDbov: number }[];
  };
}

/**
 * Rooms as call control sees them. Every promise may reject with an `OperationError`: `MEDIA_ROOM_UNKNOWN`,
 * `MEDIA_LEG_UNKNOWN`, `MEDIA_FILE_UNUSABLE`, `MEDIA_FAILED`.
 */
export interface RoomControl {
  openRoom(options: OpenRoomOptions): Promise<OpenedRoom>;
  /** Parts all members from it; their legs stay open, with no peer. */
  closeRoom(roomId: number): Promise<void>;
  /** The leg hears the room instead of whatever it heard, and is heard there. `disconnect`, `connect` and `closeLeg` leave. */
  joinRoom(legId: number, roomId: number, settings?: Partial<MemberSettings>): Promise<void>;
  /** Changes a member, also while it talks. */
  setMember(legId: number, changes: Partial<MemberSettings>): Promise<void>;
  /** Mixes a sound in for all members. Resolves when it was played, or nobody is there to hear it. */
  playInRoom(roomId: number, sound: RoomSound): Promise<void>;
  roomReport(roomId: number): Promise<RoomReport>;
}

/** What SDP of a party of a room may agree on (RFC 8285): it tells how loud it is, and hears how loud the others are. */
export const ROOM_EXTENSIONS = [
  { uri: CLIENT_LEVEL_URI, direction: 'recvonly' },
  { uri: MIXER_LEVEL_URI, direction: 'sendonly' },
] as const;

/** The other side of {@link ROOM_EXTENSIONS}. */
export const MEMBER_EXTENSIONS = [
  { uri: CLIENT_LEVEL_URI, direction: 'sendonly' },
  { uri: MIXER_LEVEL_URI, direction: 'recvonly' },
] as const;

/** Enough for people to interrupt each other; more at once nobody understands. */
export const DEFAULT_MAX_TALKERS = 5;

/** Rooms mix at the rate of Opus, so that no full-band voice loses anything. */
export const ROOM_RATE_HZ = 48_000;
/** The beat of all rooms. */
export const ROOM_BEAT_MS = 20;

/** Sound of one member in one beat, before it is placed: what is recorded as its track. Valid until the call ends. */
export interface RoomVoice {
  readonly legId: number;
  /** 960 samples of mono at {@link ROOM_RATE_HZ}, the room's: valid until the call ends. */
  readonly pcm: Int16Array;
  /** How long it waited since the earliest moment at which it could have come: what jitter and beats cost this member. */
  readonly delayMs: number;
}

/** Hears a room from within the engine, as recorders do. It must not throw, and must not wait. */
export interface RoomTap {
  handleJoined(now: number, member: { readonly legId: number; readonly label: string }): void;
  handleLeft(now: number, legId: number): void;
  handleTalking(now: number, legId: number, isTalking: boolean): void;
  /**
   * One beat in which somebody was heard. Beats in which nobody was are left out: `now` tells them.
   *
   * @param mix - what a member hears that says nothing, mono, 960 samples; the room's: valid until the call ends
   */
  handleBeat(now: number, voices: readonly RoomVoice[], mix: Int16Array): void;
}
