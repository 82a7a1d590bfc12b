// One member of a room: what they may, what they do, and how the mixer is to treat them.
import { type Log, messageOf } from '../../core/index.ts';
import type { MemberSettings, Position } from '../../media/index.ts';
import type { RoomMedia } from './media.ts';
import type { PrivateVoice } from './private-voice.ts';
import type { PromptName } from './prompts.ts';
import type { RoomMemberState, RoomRole } from './types.ts';

/** Whoever wants to come in. */
export interface Guest {
  /** The user who called. */
  readonly name: string;
  readonly legId: number;
  readonly voice: PrivateVoice;
  readonly role: RoomRole;
}

/** Why the room let a member go. */
export interface Dismissal {
  readonly reason: string;
  /** To be said before the call is ended. */
  readonly prompt: PromptName | undefined;
}

export interface MemberOptions {
  readonly memberId: number;
  readonly media: RoomMedia;
  readonly log: Log;
  /** Monotonic milliseconds. */
  now(): number;
  /** Wall-clock milliseconds. */
  readonly joinedAt: number;
  readonly isListenOnly: boolean;
}

/** Bounds of {@link MemberSettings.gainDb}. */
const GAIN_RANGE = { min: -40, max: 20 } as const;

export class Member {
  readonly memberId: number;
  readonly name: string;
  readonly legId: number;
  readonly voice: PrivateVoice;
  /** Resolves when the room lets the member go; never where the member hangs up. */
  readonly dismissed: Promise<Dismissal>;
  readonly isListenOnly: boolean;
  role: RoomRole;
  isWaiting = false;
  /** Muted by themselves, and by a moderator: each takes back their own. */
  isMutedBySelf = false;
  isMutedByModerator = false;
  isDeaf = false;
  isHeld = false;
  #gainDb = 0;
  #position: Position | undefined;
  #facingDegrees = 0;
  readonly #options: MemberOptions;
  #talkedMs = 0;
  #talkingSince: number | undefined;
  #isInMix = false;
  #hasLeft = false;
  /** One after the other: the mixer must know a member before it hears of changes. */
  #work: Promise<void> = Promise.resolve();
  #dismiss: (dismissal: Dismissal) => void = () => {};

  constructor(guest: Guest, options: MemberOptions) {
    this.name = guest.name;
    this.legId = guest.legId;
    this.voice = guest.voice;
    this.role = guest.role;
    this.memberId = options.memberId;
    this.isListenOnly = options.isListenOnly;
    this.#options = options;
    this.dismissed = new Promise((resolve) => {
      this.#dismiss = resolve;
    });
  }

  get isMuted(): boolean {
    return this.isMutedBySelf || this.isMutedByModerator || (this.isListenOnly && this.role === 'member');
  }

  /** Whether what they say reaches the others. */
  get isHeard(): boolean {
    return !this.isMuted && !this.isHeld && !this.isWaiting;
  }

  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  get talkedMs(): number {
    const since = this.#talkingSince;
    return Math.round(this.#talkedMs + (since === undefined ? 0 : this.#options.now() - since));
  }

  get gainDb(): number {
    return this.#gainDb;
  }

  set gainDb(gainDb: number) {
    this.#gainDb = Math.max(GAIN_RANGE.min, Math.min(GAIN_RANGE.max, gainDb));
  }

  get state(): RoomMemberState {
    const { memberId, name, role, isMuted, isDeaf, isHeld, isWaiting, talkedMs, gainDb } = this;
    return {
      memberId,
      name,
      role,
      isMuted,
      isDeaf,
      isHeld,
      isWaiting,
      isTalking: this.#talkingSince !== undefined,
      talkedMs,
      gainDb,
      position: this.#position ?? null,
      facingDegrees: this.#facingDegrees,
      joinedAt: this.#options.joinedAt,
    };
  }

  place(position: Position | undefined, facingDegrees: number): void {
    this.#position = position;
    this.#facingDegrees = facingDegrees;
  }

  /** @returns whether that is news */
  setTalking(isTalking: boolean): boolean {
    const now = this.#options.now();
    const since = this.#talkingSince;
    if (isTalking === (since !== undefined)) return false;
    if (since !== undefined) this.#talkedMs += now - since;
    this.#talkingSince = isTalking ? now : undefined;
    return true;
  }

  /** Into the mix. @throws OperationError where the engine refuses; then they are not in it */
  join(roomId: number): Promise<void> {
    return this.#do(async ({ media }) => {
      if (this.#isInMix) return;
      this.voice.stop();
      await media.joinRoom(this.legId, roomId, this.#settings);
      this.#isInMix = true;
    });
  }

  /** Out of the mix; the leg stays. Never rejects. */
  part(): Promise<void> {
    return this.#try(async ({ media }) => {
      if (!this.#isInMix) return;
      this.#isInMix = false;
      await media.disconnect(this.legId);
    });
  }

  /** The mixer is to know what has changed. */
  apply(): void {
    void this.#try(async ({ media }) => {
      if (this.#isInMix) await media.setMember(this.legId, this.#settings);
    });
  }

  /** The room does not know them any more; their leg is theirs again. */
  leave(): void {
    if (this.#hasLeft) return;
    void this.part();
    this.setTalking(false);
    this.#hasLeft = true;
  }

  dismiss(dismissal: Dismissal): void {
    this.#dismiss(dismissal);
  }

  get #settings(): MemberSettings {
    // Whose phone is on hold plays its own music to us, and hears nothing.
    return {
      isMuted: this.isMuted || this.isHeld,
      isDeaf: this.isDeaf || this.isHeld,
      gainDb: this.#gainDb,
      position: this.#position,
      facingDegrees: this.#facingDegrees,
    };
  }

  #do(act: (options: MemberOptions) => Promise<void>): Promise<void> {
    const done = this.#work.then(() => act(this.#options));
    this.#work = done.catch(() => {}); // Whoever asked is told.
    return done;
  }

  #try(act: (options: MemberOptions) => Promise<void>): Promise<void> {
    return this.#do(act).catch((error: unknown) => {
      const { log } = this.#options;
      log.debug({ legId: this.legId, reason: messageOf(error) }, 'a member of a room was not changed');
    });
  }
}
