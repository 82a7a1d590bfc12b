// One room, for whoever uses the server as a library.
import { OperationError, UsageError } from '../../core/index.ts';
import type { Position, RoomReport } from '../../media/index.ts';
import type { RoomMedia } from './media.ts';
import type { Member } from './member.ts';
import type { Room } from './room.ts';
import type { RoomState } from './types.ts';

/**
 * Acts with the rights of a moderator. Every method but {@link RoomHandle.state} throws an `OperationError`:
 * `ROOM_EMPTY` where nobody is in the room, `ROOM_MEMBER_UNKNOWN` where the member is not, or not any more.
 *
 * @example server.room('3000').mute(memberId)
 */
export class RoomHandle {
  readonly name: string;
  readonly #parts: { readonly media: RoomMedia; find(): Room | undefined };

  constructor(name: string, parts: { readonly media: RoomMedia; find(): Room | undefined }) {
    this.name = name;
    this.#parts = parts;
  }

  /** Undefined where nobody is in the room. */
  get state(): RoomState | undefined {
    return this.#parts.find()?.state;
  }

  mute(memberId: number): void {
    this.#setMuted(memberId, true);
  }

  /** Takes back {@link RoomHandle.mute}: who muted themselves stays muted. */
  unmute(memberId: number): void {
    this.#setMuted(memberId, false);
  }

  /** All but moderators, those included who come later. */
  muteAll(): void {
    this.#room().floor.setAllMuted(true);
  }

  unmuteAll(): void {
    this.#room().floor.setAllMuted(false);
  }

  kick(memberId: number): void {
    if (!this.#room().kick(memberId)) throw unknownMember(this.name, memberId);
  }

  /** Only moderators come in. */
  lock(): void {
    this.#room().setLocked(true);
  }

  unlock(): void {
    this.#room().setLocked(false);
  }

  /** @param gainDb - on top of the automatic gain, -40 to 20 */
  setGain(memberId: number, gainDb: number): void {
    if (!Number.isFinite(gainDb)) throw new UsageError(`setGain: ${gainDb} should be a number of decibels`);
    this.#room().floor.setGain(this.#member(memberId), gainDb);
  }

  /** Where listeners with stereo hear the member; undefined: in the middle. Heard only where the room is `spatial`. */
  setPosition(memberId: number, position: Position | undefined, facingDegrees = 0): void {
    const { x, y, z } = position ?? { x: 0, y: 0, z: 0 };
    if (![x, y, z, facingDegrees].every(Number.isFinite)) {
      throw new UsageError(
        `setPosition: ${[x, y, z, facingDegrees].join(', ')} should be numbers: metres and degrees`,
      );
    }
    this.#room().floor.place(this.#member(memberId), { position, facingDegrees });
  }

  /** @throws OperationError `ROOM_NOT_RECORDED` where it cannot be done */
  async setRecording(isRecording: boolean): Promise<void> {
    if (await this.#room().setRecording(isRecording)) return;
    throw new OperationError('ROOM_NOT_RECORDED', `the room "${this.name}" cannot be recorded`);
  }

  /** Ends it for all. */
  end(): void {
    this.#room().end('the conference was ended');
  }

  /** What the mixer did, and the level of each member. */
  async report(): Promise<RoomReport> {
    const { roomId } = this.#room();
    if (roomId === undefined) throw emptyRoom(this.name);
    return this.#parts.media.roomReport(roomId);
  }

  #setMuted(memberId: number, isMuted: boolean): void {
    if (!this.#room().floor.setMuted(memberId, isMuted)) throw unknownMember(this.name, memberId);
  }

  #room(): Room {
    const room = this.#parts.find();
    if (room) return room;
    throw emptyRoom(this.name);
  }

  #member(memberId: number): Member {
    const member = this.#room().member(memberId);
    if (member) return member;
    throw unknownMember(this.name, memberId);
  }
}

function emptyRoom(name: string): OperationError {
  return new OperationError('ROOM_EMPTY', `nobody is in the room "${name}"`);
}

function unknownMember(name: string, memberId: number): OperationError {
  return new OperationError(
    'ROOM_MEMBER_UNKNOWN',
    `there is no member ${memberId} in the room "${name}", or not any more`,
  );
}
