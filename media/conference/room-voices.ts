// Those in a room who may be talking, and those of them who are heard in a beat.
import { clamp } from './block.ts';
import { remove } from './remove.ts';
import type { RoomMember } from './room-member.ts';
import { TalkerSelection } from './talker-selection.ts';
import { DEFAULT_MAX_TALKERS } from './types.ts';

const MOST_TALKERS = 32;

export class RoomVoices {
  /** Who is heard in the present beat. */
  readonly heard: RoomMember[] = [];
  /** What those said last that left in the middle of a word, faded out. */
  readonly lastWords: Float32Array[] = [];
  /** Whose sound is read at each beat; and those of them who may be mixed. */
  readonly #awake: RoomMember[] = [];
  readonly #candidates: RoomMember[] = [];
  readonly #selection: TalkerSelection<RoomMember>;
  readonly #onFailed: (member: RoomMember, error: unknown) => void;

  /**
   * @param maxTalkers - 1 to 32, whatever was asked for
   * @param onFailed - the member's sound cannot be read, by a fault of ours
   */
  constructor(
    maxTalkers: number | undefined = DEFAULT_MAX_TALKERS,
    onFailed: (member: RoomMember, error: unknown) => void,
  ) {
    const most = Math.floor(clamp(maxTalkers, 1, MOST_TALKERS)) || DEFAULT_MAX_TALKERS;
    this.#selection = new TalkerSelection(most);
    this.#onFailed = onFailed;
  }

  /** Whether there is nobody to be read. */
  get isEmpty(): boolean {
    return this.#awake.length === 0;
  }

  /** The member may begin to talk. */
  wake(member: RoomMember): void {
    this.#awake.push(member);
  }

  /** The member is muted: its place is free. */
  mute(member: RoomMember): void {
    this.#selection.remove(member.legId);
  }

  leave(now: number, member: RoomMember): void {
    this.#keepLastWord(now, member);
    this.#selection.remove(member.legId);
    remove(this.#awake, member);
    remove(this.heard, member);
    // What is kept of voices by who is heard ends with it.
    member.fallAsleep();
  }

  /** Reads one beat of whoever is awake, whoever cannot be read ending alone, and chooses who is heard. */
  hear(now: number): void {
    // Backwards, for whoever fails leaves.
    for (let i = this.#awake.length - 1; i >= 0; i -= 1) {
      const member = this.#awake[i];
      try {
        member?.hear(now);
      } catch (error) {
        if (member) this.#onFailed(member, error);
      }
    }
    this.#select(now);
  }

  /**
   * Lets go of those who are silent.
   *
   * @param tell - what each was in this beat
   */
  endBeat(now: number, tell: (now: number, member: RoomMember) => void): void {
    for (let i = this.#awake.length - 1; i >= 0; i -= 1) {
      const member = this.#awake[i];
      if (!member) continue;
      member.placeBefore = member.place;
      if (!member.presence.isAwake(now) || member.settings.isMuted) {
        member.fallAsleep();
        this.#awake.splice(i, 1);
      }
      tell(now, member);
    }
  }

  #select(now: number): void {
    this.#candidates.length = 0;
    for (const member of this.#awake) if (member.mayTalk) this.#candidates.push(member);
    this.#selection.select(now, this.#candidates);
    this.heard.length = 0;
    for (const member of this.#awake) {
      const isLeaving = !member.presence.isAwake(now);
      member.speak(member.mayTalk && !isLeaving && this.#selection.isSelected(member.legId));
      if (member.isHeard) this.heard.push(member);
    }
  }

  /** A voice that ended between two samples would click. */
  #keepLastWord(now: number, member: RoomMember): void {
    if (!member.isHeard) return;
    try {
      member.hear(now);
      member.speak(false);
      this.lastWords.push(member.voice);
    } catch {
      // Whatever is broken in it may be why it leaves.
    }
  }
}
