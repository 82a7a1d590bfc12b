// Who of a room may speak, who hears, and from where: what members and moderators change.
import type { Position } from '../../media/index.ts';
import type { Member } from './member.ts';
import type { RoomEvent } from './types.ts';

/** Who asked for something that others hear of. */
export type Actor = 'moderator' | 'self';

export interface FloorOptions {
  readonly room: string;
  readonly members: ReadonlyMap<number, Member>;
  onEvent(event: RoomEvent): void;
}

export class Floor {
  readonly #options: FloorOptions;
  #areAllMuted = false;

  constructor(options: FloorOptions) {
    this.#options = options;
  }

  /** Whether also who comes later is muted. */
  get areAllMuted(): boolean {
    return this.#areAllMuted;
  }

  /** @returns false where nobody of that number is here */
  setMuted(memberId: number, isMuted: boolean, by: Actor = 'moderator'): boolean {
    const member = this.#options.members.get(memberId);
    if (!member) return false;
    this.#change(member, () => {
      if (by === 'self') member.isMutedBySelf = isMuted;
      // Moderators need nobody's leave.
      if (by === 'moderator' || (member.role === 'moderator' && !isMuted))
        member.isMutedByModerator = isMuted;
    });
    return true;
  }

  /** Makes a moderator, whom no earlier moderator's mute holds. */
  promote(member: Member): void {
    this.#change(member, () => {
      member.role = 'moderator';
      member.isMutedByModerator = false;
    });
  }

  /** All but the moderators, and whoever comes until it is taken back. */
  setAllMuted(areMuted: boolean): void {
    this.#areAllMuted = areMuted;
    for (const member of this.#options.members.values()) {
      if (member.role === 'member') this.setMuted(member.memberId, areMuted);
    }
  }

  setDeaf(member: Member, isDeaf: boolean): void {
    member.isDeaf = isDeaf;
    member.apply();
  }

  setHeld(member: Member, isHeld: boolean): void {
    if (member.isHeld === isHeld || member.hasLeft) return;
    member.isHeld = isHeld;
    member.apply();
    this.#tell(member, { type: 'held', isHeld });
    this.silence(member);
  }

  setGain(member: Member, gainDb: number): void {
    member.gainDb = gainDb;
    member.apply();
  }

  place(
    member: Member,
    place: { readonly position: Position | undefined; readonly facingDegrees: number },
  ): void {
    member.place(place.position, place.facingDegrees);
    member.apply();
  }

  /** Who is not heard does not talk, whatever the mixer still thinks. */
  silence(member: Member): void {
    if (!member.isHeard && member.setTalking(false))
      this.#tell(member, { type: 'talking', isTalking: false });
  }

  #change(member: Member, change: () => void): void {
    const wasMuted = member.isMuted;
    change();
    member.apply();
    if (member.isMuted !== wasMuted) this.#tell(member, { type: 'muted', isMuted: member.isMuted });
    this.silence(member);
  }

  #tell({ memberId, name }: Member, what: Told): void {
    this.#options.onEvent({ ...what, room: this.#options.room, memberId, name });
  }
}

type Told =
  | { readonly type: 'muted'; readonly isMuted: boolean }
  | { readonly type: 'held'; readonly isHeld: boolean }
  | { readonly type: 'talking'; readonly isTalking: boolean };
