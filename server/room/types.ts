// Conference rooms as people, programs and the configuration see them.
import type { Position, RecordingNote } from '../../media/index.ts';

/** How comings and goings are told to those in the room. */
export const announcements = ['tones', 'counts', 'none'] as const;
/** Whose keys a room understands: see keys.ts. */
export const keyPresets = ['confbridge', 'freeswitch', 'none'] as const;
/** What becomes of those who were waiting for a moderator, when the last one leaves. */
export const moderatorEndings = ['wait', 'end', 'stay'] as const;

/** How one room is. */
export interface RoomSettings {
  /** Digits that whoever comes must know; undefined: none. */
  readonly pin: string | undefined;
  /** Digits that make a moderator. */
  readonly moderatorPin: string | undefined;
  /** Users who are moderators without any digits. */
  readonly moderators: readonly string[];
  /** Nobody hears anybody before a moderator is there. */
  readonly waitForModerator: boolean;
  /** Only where `waitForModerator` is set. */
  readonly whenModeratorLeaves: (typeof moderatorEndings)[number];
  readonly maxMembers: number;
  readonly announce: (typeof announcements)[number];
  /** Whether only moderators are heard. */
  readonly listenOnly: boolean;
  /** Whether the room opens locked: only moderators come in. */
  readonly locked: boolean;
  readonly spatial: boolean;
  readonly maxTalkers: number;
  readonly automaticGain: boolean;
  readonly noiseGate: boolean;
  readonly keys: (typeof keyPresets)[number];
  /** Whether the room is recorded from its beginning. */
  readonly record: boolean;
  /** How often `levels` is told; 0 is never. */
  readonly levelIntervalMs: number;
}

export type RoomRole = 'moderator' | 'member';

/** One member, now. */
export interface RoomMemberState {
  /** Never used again while the server runs. */
  readonly memberId: number;
  /** The user who called. */
  readonly name: string;
  readonly role: RoomRole;
  /** By whomever: themselves, a moderator, or because they may only listen. */
  readonly isMuted: boolean;
  readonly isDeaf: boolean;
  /** Whether they put the room on hold. */
  readonly isHeld: boolean;
  /** Whether they wait for a moderator. */
  readonly isWaiting: boolean;
  readonly isTalking: boolean;
  readonly talkedMs: number;
  readonly gainDb: number;
  readonly position: Position | null;
  readonly facingDegrees: number;
  /** Wall-clock milliseconds. */
  readonly joinedAt: number;
}

/** One room, now. */
export interface RoomState {
  readonly room: string;
  readonly isLocked: boolean;
  readonly isRecording: boolean;
  /** In the order in which they came. */
  readonly members: readonly RoomMemberState[];
}

interface OfRoom {
  readonly room: string;
}

interface OfMember extends OfRoom {
  readonly memberId: number;
  readonly name: string;
}

/** What happens in rooms. */
export type RoomEvent =
  | ({ readonly type: 'opened' } & OfRoom)
  | ({ readonly type: 'joined'; readonly role: RoomRole } & OfMember)
  | ({ readonly type: 'left'; readonly reason: string; readonly talkedMs: number } & OfMember)
  /** The last moderator left, and this member is one now. */
  | ({ readonly type: 'moderator' } & OfMember)
  /** The member waits for a moderator, or need not any more. */
  | ({ readonly type: 'waiting'; readonly isWaiting: boolean } & OfMember)
  | ({ readonly type: 'talking'; readonly isTalking: boolean } & OfMember)
  | ({ readonly type: 'muted'; readonly isMuted: boolean } & OfMember)
  | ({ readonly type: 'held'; readonly isHeld: boolean } & OfMember)
  | ({ readonly type: 'locked'; readonly isLocked: boolean } & OfRoom)
  | ({
      readonly type: 'recording';
      readonly isRecording: boolean;
      /** Those that are written so far, and all of them at the end. */
      readonly files: readonly string[];
    } & OfRoom)
  | ({
      readonly type: 'levels';
      /** Of those who talked since the last time; a tenth of a decibel is enough for any meter. */
      readonly levels: readonly { readonly memberId: number; readonly levelDbov: number }[];
    } & OfRoom)
  | ({ readonly type: 'closed' } & OfRoom);

/** Records rooms; whoever asks for a recording ends it. */
export interface RoomRecorder {
  /**
   * @param onFailed - called where it ends by itself: the disk is full
   * @throws OperationError where it cannot be recorded
   */
  start(
    room: { readonly roomId: number; readonly name: string },
    onFailed: (reason: string) => void,
  ): Promise<RoomRecording>;
}

export interface RoomRecording {
  /** So far: whoever comes later has a track as well. */
  readonly files: readonly string[];
  /** Never rejects. */
  note(note: RecordingNote): void;
  /** Never rejects. @returns all files */
  stop(): Promise<readonly string[]>;
}
