// One conference room while somebody is in it: who may come in, who is heard, and when it ends.
import { type Log, messageOf, type Runtime } from '../../core/index.ts';
import { Announcer } from './announcer.ts';
import { Floor } from './floor.ts';
import type { RoomMedia } from './media.ts';
import { type Guest, Member } from './member.ts';
import type { PromptName, Prompts } from './prompts.ts';
import { RoomMixer } from './room-mixer.ts';
import { RoomRecordingSwitch } from './room-recording.ts';
import { hasModerators } from './settings.ts';
import type { RoomEvent, RoomRecorder, RoomSettings, RoomState } from './types.ts';

export interface RoomOptions {
  readonly runtime: Runtime;
  readonly media: RoomMedia;
  readonly name: string;
  readonly settings: RoomSettings;
  readonly prompts: Prompts;
  /** What who waits for a moderator hears; silence where not given. */
  readonly waitMusic: string | undefined;
  readonly recorder: RoomRecorder | undefined;
  nextMemberId(): number;
  onEvent(event: RoomEvent): void;
  /** Nobody is in it any more, and nobody can come in. */
  onClosed(): void;
}

/** Why somebody is not let in. */
export type Refusal = 'full' | 'locked';

export class Room {
  readonly name: string;
  readonly settings: RoomSettings;
  readonly floor: Floor;
  readonly #options: RoomOptions;
  readonly #log: Log;
  readonly #members = new Map<number, Member>();
  readonly #mixer: RoomMixer;
  readonly #announcer: Announcer;
  readonly #recording: RoomRecordingSwitch;
  #isLocked: boolean;
  #hasBegun = false;
  /** For all: nobody inherits or waits any more. */
  #isEnding = false;
  #isClosed = false;
  #stopNotice = () => {};

  constructor(options: RoomOptions) {
    this.#options = options;
    this.name = options.name;
    this.settings = options.settings;
    this.#isLocked = options.settings.locked;
    this.#log = options.runtime.log.child({ room: options.name });
    this.#mixer = new RoomMixer(options.media, {
      name: options.name,
      settings: options.settings,
      log: this.#log,
    });
    this.floor = new Floor({
      room: options.name,
      members: this.#members,
      onEvent: (event) => {
        this.#emit(event);
        if (event.type === 'held') this.#noteHold(event);
      },
    });
    this.#announcer = new Announcer({
      announce: options.settings.announce,
      prompts: options.prompts,
      count: () => this.#present.length,
      play: (sound) => this.#mixer.play(sound),
    });
    this.#recording = new RoomRecordingSwitch(options.recorder, {
      name: options.name,
      log: this.#log,
      roomId: () => this.#mixer.open(),
      onChanged: (isRecording, files) =>
        this.#emit({ type: 'recording', room: this.name, isRecording, files }),
    });
  }

  /** The number by which the engine tells of it; undefined before it is open. */
  get roomId(): number | undefined {
    return this.#mixer.roomId;
  }

  get isLocked(): boolean {
    return this.#isLocked;
  }

  get isFull(): boolean {
    return this.#members.size >= this.settings.maxMembers;
  }

  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  get state(): RoomState {
    const { name: room, isLocked } = this;
    const members = this.members.map((member) => member.state);
    return { room, isLocked, isRecording: this.#recording.isOn, members };
  }

  member(memberId: number): Member | undefined {
    return this.#members.get(memberId);
  }

  memberOfLeg(legId: number): Member | undefined {
    return this.members.find((member) => member.legId === legId);
  }

  /** Lets a guest in, or says why not. At once, so that no two guests take one place. */
  admit(guest: Guest): Member | Refusal {
    if (this.isFull) return 'full';
    if (this.#isLocked && guest.role !== 'moderator') {
      // It was opened for this guest, and nobody is in it.
      if (this.#members.size === 0) this.#options.onClosed();
      return 'locked';
    }
    const { runtime, media } = this.#options;
    const isHost = guest.role === 'member' && !hasModerators(this.settings) && this.#members.size === 0;
    const member = new Member(isHost ? { ...guest, role: 'moderator' } : guest, {
      memberId: this.#options.nextMemberId(),
      media,
      log: this.#log,
      now: () => runtime.clock.now(),
      joinedAt: runtime.clock.wallClock(),
      isListenOnly: this.settings.listenOnly,
    });
    if (this.#members.size === 0) this.#emit({ type: 'opened', room: this.name });
    member.isMutedByModerator = this.floor.areAllMuted && member.role === 'member';
    this.#members.set(member.memberId, member);
    this.#emit({ type: 'joined', ...this.#idOf(member), role: member.role });
    this.#receive(member);
    return member;
  }

  /** Somebody is not a member any more, for whatever reason. Doing it twice is harmless. */
  leave(member: Member, reason: string): void {
    if (!this.#members.delete(member.memberId)) return;
    member.leave();
    this.#emit({ type: 'left', ...this.#idOf(member), reason, talkedMs: member.talkedMs });
    if (this.#members.size === 0) return this.#close();
    if (this.#isEnding) return;
    if (member.role === 'moderator') this.#moderatorLeft();
    if (this.#present.length > 0 && !member.isWaiting) this.#announcer.tell('exit');
  }

  /** @returns false where nobody of that number is here */
  kick(memberId: number, reason = 'removed by a moderator'): boolean {
    const member = this.#members.get(memberId);
    if (!member) return false;
    this.#dismiss(member, { reason, prompt: 'kicked' });
    return true;
  }

  /** Ends it for all. */
  end(reason: string): void {
    this.#isEnding = true;
    for (const member of this.members) this.#dismiss(member, { reason, prompt: 'conference-over' });
    this.#isEnding = false;
  }

  setLocked(isLocked: boolean): void {
    if (this.#isLocked === isLocked) return;
    this.#isLocked = isLocked;
    this.#emit({ type: 'locked', room: this.name, isLocked });
  }

  /** @returns whether it is as was asked; false where nothing here records */
  async setRecording(isRecording: boolean): Promise<boolean> {
    const wasRecording = this.#recording.isOn;
    const isDone = await this.#recording.set(isRecording);
    if (isDone && wasRecording !== isRecording && !this.#isClosed) {
      void this.#announcer.say(isRecording ? 'recording-on' : 'recording-off');
    }
    return isDone;
  }

  /** The engine says that a leg began or ended to talk. */
  handleTalking(legId: number, isTalking: boolean): void {
    const member = this.memberOfLeg(legId);
    // What the mixer heard before it knew of a mute.
    if (isTalking && !member?.isHeard) return;
    if (member?.setTalking(isTalking)) this.#emit({ type: 'talking', ...this.#idOf(member), isTalking });
  }

  /** Those who are in the mix, or on their way into it. */
  get #present(): readonly Member[] {
    return this.members.filter((member) => !member.isWaiting);
  }

  get #hasModerator(): boolean {
    return this.members.some((member) => member.role === 'moderator');
  }

  #receive(member: Member): void {
    if (this.settings.waitForModerator && !this.#hasModerator)
      return this.#makeWait(member, 'wait-for-moderator');
    const waiting = this.members.filter((other) => other.isWaiting);
    this.#stopNotice();
    for (const other of waiting) {
      other.isWaiting = false;
      this.#emit({ type: 'waiting', ...this.#idOf(other), isWaiting: false });
      void this.#bringIn(other);
    }
    void this.#bringIn(member).then(() => {
      if (member.hasLeft) return;
      this.#begin();
      if (this.#present.length > 1) this.#announcer.tell('entry');
      else if (this.settings.announce !== 'none') this.#tellAlone(member);
    });
  }

  /** Somebody is in the mix. */
  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    if (this.settings.record) void this.setRecording(true);
  }

  /** Whoever is told so hears the next one who comes, and not the rest of it. */
  #tellAlone(member: Member): void {
    const stop = () => member.voice.stop();
    this.#stopNotice = stop;
    void member.voice.say('only-one').then(() => {
      if (this.#stopNotice === stop) this.#stopNotice = () => {};
    });
  }

  #makeWait(member: Member, prompt: PromptName): void {
    member.isWaiting = true;
    this.#emit({ type: 'waiting', ...this.#idOf(member), isWaiting: true });
    this.floor.silence(member);
    void member.part().then(() => {
      if (member.isWaiting && !member.hasLeft) {
        void member.voice.sayAndHold([prompt], this.#options.waitMusic);
      }
    });
  }

  async #bringIn(member: Member): Promise<void> {
    try {
      const roomId = await this.#mixer.open();
      if (!member.hasLeft && !member.isWaiting) await member.join(roomId);
    } catch (error) {
      // Whose leg is closed has hung up.
      if (member.hasLeft) return;
      this.#log.warn({ reason: messageOf(error) }, 'a member could not join');
      this.#dismiss(member, { reason: `the room has failed: ${messageOf(error)}`, prompt: undefined });
    }
  }

  #moderatorLeft(): void {
    if (this.#hasModerator) return;
    if (!hasModerators(this.settings)) {
      const [heir] = this.members;
      if (!heir) return;
      this.floor.promote(heir);
      return this.#emit({ type: 'moderator', ...this.#idOf(heir) });
    }
    if (!this.settings.waitForModerator || this.settings.whenModeratorLeaves === 'stay') return;
    if (this.settings.whenModeratorLeaves === 'end') return this.end('the moderator left');
    for (const member of this.members) this.#makeWait(member, 'moderator-left');
  }

  #dismiss(
    member: Member,
    dismissal: { readonly reason: string; readonly prompt: PromptName | undefined },
  ): void {
    this.leave(member, dismissal.reason);
    member.dismiss(dismissal);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.onClosed();
    // The recording first: it is to end with what was in the room.
    void this.#recording.set(false).then(() => this.#mixer.close());
    this.#emit({ type: 'closed', room: this.name });
  }

  #noteHold({ memberId, isHeld }: { readonly memberId: number; readonly isHeld: boolean }): void {
    const legId = this.#members.get(memberId)?.legId;
    if (legId !== undefined) this.#recording.note({ type: isHeld ? 'hold' : 'resume', legId });
  }

  #idOf({ memberId, name }: Member) {
    return { room: this.name, memberId, name };
  }

  #emit(event: RoomEvent): void {
    this.#options.onEvent(event);
  }
}
