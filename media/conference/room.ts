// One room: on its beat, hears those of its members who may be talking, and tells each listener what the others say.
import { type AudioSource, SILENCE_DBOV } from '../audio/index.ts';
import type { Leg } from '../leg/index.ts';
import { BeatLatenessCounts } from './beat-lateness.ts';
import { clamp } from './block.ts';
import { FormatGroups } from './format-groups.ts';
import { remove } from './remove.ts';
import { DEFAULT_SETTINGS, type MemberEquipment, RoomMember } from './room-member.ts';
import { RoomOutput } from './room-output.ts';
import { RoomSounds } from './room-sounds.ts';
import { RoomTaps } from './room-taps.ts';
import { TalkerSelection } from './talker-selection.ts';
import {
  DEFAULT_MAX_TALKERS,
  type MemberReport,
  type MemberSettings,
  type OpenRoomOptions,
  ROOM_BEAT_MS,
  type RoomReport,
} from './types.ts';

/** Beats of silence that are sent after sound, and to whoever joins: then a packet every now and then. */
const SILENT_BEATS = 5;
/** NATs and phones take a stream for dead after several times as long. */
const KEEP_ALIVE_BEATS = 50;
/** A beat that is late by more is not caught up with: that time passes in silence. */
const LATEST_BEAT_MS = 200;
/** Rooms beat at different moments, so that one thread's rooms do not all mix at once: by how much in turn. */
const PHASE_STEP_MS = 7.3;
const MOST_TALKERS = 32;

export interface RoomListener {
  now(): number;
  /** Of a clock that goes on while a beat is mixed. */
  exactNow(): number;
  /** The room's deadline may have moved. */
  roomRearmed(room: Room): void;
  roomTalking(room: Room, legId: number, isTalking: boolean): void;
  roomLevels(room: Room, levels: readonly { readonly legId: number; readonly levelDbov: number }[]): void;
  /** The member's leg goes elsewhere; what it used is to be given back. */
  roomLeft(room: Room, member: RoomMember): void;
  /** We are wrong somewhere: this member is at its end, and no other. */
  memberFailed(leg: Leg, error: unknown): void;
}

export class Room {
  readonly roomId: number;
  readonly options: OpenRoomOptions;
  readonly groups = new FormatGroups();
  readonly taps = new RoomTaps();
  readonly #listener: RoomListener;
  readonly #members = new Map<Leg, RoomMember>();
  readonly #output: RoomOutput;
  readonly #sounds = new RoomSounds();
  readonly #selection: TalkerSelection<RoomMember>;
  /** Those whose sound is read at each beat, those of them who may be mixed, and those who are heard. */
  readonly #awake: RoomMember[] = [];
  readonly #candidates: RoomMember[] = [];
  readonly #voices: RoomMember[] = [];
  /** What those said last that left in the middle of a word, faded out. */
  readonly #lastWords: Float32Array[] = [];
  readonly #phaseMs: number;
  readonly #lateness = new BeatLatenessCounts();
  /** Undefined where the room is empty. */
  #nextBeat: number | undefined;
  #hasFailed = false;
  #silentBeats = 0;
  #levelsAt = 0;
  #beats = 0;
  /** Of members that left. */
  #decodesBefore = 0;
  #undecodedBefore = 0;

  constructor(roomId: number, options: OpenRoomOptions, listener: RoomListener) {
    this.roomId = roomId;
    this.options = options;
    this.#listener = listener;
    this.#output = new RoomOutput({
      groups: this.groups,
      isSpatial: options.isSpatial === true,
      onMemberFailed: ({ leg }, error) => listener.memberFailed(leg, error),
    });
    this.#selection = new TalkerSelection(talkersOf(options));
    this.#phaseMs = (roomId * PHASE_STEP_MS) % ROOM_BEAT_MS;
  }

  get members(): readonly RoomMember[] {
    return [...this.#members.values()];
  }

  join(now: number, leg: Leg, equipment: MemberEquipment, settings: Partial<MemberSettings>): RoomMember {
    const member = new RoomMember({
      leg,
      equipment,
      settings: { ...DEFAULT_SETTINGS, ...settings },
      chain: this.options,
      hasStereo: this.options.isSpatial !== true,
      onAwake: this.#handleAwake,
      onLeft: (left) => this.#handleLeft(left),
    });
    this.#members.set(leg, member);
    this.#output.enter(member);
    this.taps.handleJoined(now, member);
    this.#wake(now);
    return member;
  }

  /** SDP of a member is new. @returns what it used before */
  equip(now: number, member: RoomMember, equipment: MemberEquipment): MemberEquipment {
    this.#output.leave(member);
    const before = member.equip(equipment);
    this.#output.enter(member);
    this.#wake(now);
    return before;
  }

  set(member: RoomMember, changes: Partial<MemberSettings>): void {
    member.settings = { ...member.settings, ...changes };
    if (member.settings.isMuted) this.#selection.remove(member.legId);
    if ('position' in changes || 'facingDegrees' in changes) this.#output.move(member, this.#voices);
  }

  /**
   * Mixes in what the source gives, behind what plays already.
   *
   * @param source - mono, of the room's rate
   * @returns when it was played, or nobody is there to hear it
   */
  async play(now: number, source: AudioSource): Promise<void> {
    if (this.#members.size === 0 || this.#hasFailed) return;
    const played = this.#sounds.play(source);
    this.#wake(now);
    await played;
  }

  nextTimeoutAt(): number | undefined {
    if (this.#nextBeat === undefined) return undefined;
    return Math.min(this.#timeOf(this.#nextBeat), this.#output.nextSendAt ?? Number.POSITIVE_INFINITY);
  }

  handleTimeout(now: number): void {
    this.#output.sendDue(now);
    const planned = this.#nextBeat;
    if (planned === undefined || now < this.#timeOf(planned)) return;
    const isLate = now - this.#timeOf(planned) > LATEST_BEAT_MS;
    const beat = isLate ? Math.floor((now - this.#phaseMs) / ROOM_BEAT_MS) : planned;
    if (this.#isSilent) this.#output.sendSilence(now, beat, 'all');
    else this.#timeBeat(now, beat);
    // Who hears may have ended the room, or left it.
    if (this.#nextBeat !== undefined) this.#nextBeat = beat + (this.#isSilent ? KEEP_ALIVE_BEATS : 1);
  }

  report(): RoomReport {
    const { members } = this;
    const sum = (count: (member: RoomMember) => number) =>
      members.reduce((total, member) => total + count(member), 0);
    return {
      roomId: this.roomId,
      label: this.options.label,
      members: members.map(reportOf),
      beats: this.#beats,
      lateness: this.#lateness.report(),
      decodes: this.#decodesBefore + sum(({ input }) => input.decodes),
      encodes: this.#output.encodes,
      undecoded: this.#undecodedBefore + sum(({ input }) => input.passedPackets),
    };
  }

  /** We are wrong somewhere in its beat: nobody hears anything any more, and its members may still leave. */
  fail(): void {
    this.#hasFailed = true;
    this.#endSound();
  }

  /** Parts all members; their legs stay open. */
  close(): void {
    this.#sounds.close();
    for (const member of this.members) {
      member.leg.passage = undefined;
      this.#handleLeft(member);
    }
  }

  get #isSilent(): boolean {
    return this.#awake.length === 0 && !this.#sounds.isPlaying && this.#silentBeats >= SILENT_BEATS;
  }

  #timeOf(beat: number): number {
    return beat * ROOM_BEAT_MS + this.#phaseMs;
  }

  #wake(now: number): void {
    const wasSilent = this.#isSilent;
    this.#silentBeats = 0;
    if (this.#members.size === 0 || this.#hasFailed) return;
    const next = Math.floor((now - this.#phaseMs) / ROOM_BEAT_MS) + 1;
    if (this.#nextBeat !== undefined && this.#nextBeat <= next) return;
    if (this.#nextBeat === undefined || wasSilent) this.#output.rest();
    this.#nextBeat = next;
    this.#listener.roomRearmed(this);
  }

  readonly #handleAwake = (now: number, member: RoomMember): void => {
    // Whether the room rests is to be told before somebody is awake.
    this.#wake(now);
    this.#awake.push(member);
  };

  #handleLeft(member: RoomMember): void {
    if (!this.#members.delete(member.leg)) return;
    const now = this.#listener.now();
    this.#keepLastWord(now, member);
    this.#output.leave(member);
    this.#selection.remove(member.legId);
    remove(this.#awake, member);
    remove(this.#voices, member);
    this.#decodesBefore += member.input.decodes;
    this.#undecodedBefore += member.input.passedPackets;
    // What is kept of voices by who is heard ends with it.
    member.fallAsleep();
    if (this.#members.size === 0) this.#endSound();
    this.taps.handleLeft(now, member.legId);
    this.#listener.roomLeft(this, member);
    this.#listener.roomRearmed(this);
  }

  /** Nobody is left to hear anything: whoever comes next does not hear what was said and played before. */
  #endSound(): void {
    this.#nextBeat = undefined;
    this.#lastWords.length = 0;
    this.#sounds.close();
  }

  /** A voice that ended between two samples would click. */
  #keepLastWord(now: number, member: RoomMember): void {
    if (!member.isHeard) return;
    try {
      member.hear(now);
      member.speak(false);
      this.#lastWords.push(member.voice);
    } catch {
      // Whatever is broken in it may be why it leaves.
    }
  }

  #timeBeat(now: number, beat: number): void {
    const at = this.#timeOf(beat);
    const begunMs = this.#listener.exactNow() - at;
    this.#mixBeat(now, beat);
    this.#lateness.note(begunMs, this.#listener.exactNow() - at);
  }

  #mixBeat(now: number, beat: number): void {
    this.#beats += 1;
    this.#hear(now);
    this.#select(now);
    const sound = this.#sounds.read();
    if (this.#awake.length === 0 && !sound) this.#silentBeats += 1;
    else this.#silentBeats = 0;
    const { plain } = this.#output;
    this.#output.send(now, beat, { voices: this.#voices, lastWords: this.#lastWords, sound });
    this.#lastWords.length = 0;
    if (beat % KEEP_ALIVE_BEATS === 0) {
      this.#output.sendSilence(now, beat, 'deaf');
      this.#output.followReports();
    }
    if (this.#voices.length > 0 || sound) this.taps.handleBeat(now, this.#voices, plain.mix.beat(0));
    this.#endBeat(now);
  }

  /** Reads whoever is awake; whoever cannot be read ends alone. */
  #hear(now: number): void {
    for (let i = this.#awake.length - 1; i >= 0; i -= 1) {
      const member = this.#awake[i];
      try {
        member?.hear(now);
      } catch (error) {
        if (member) this.#listener.memberFailed(member.leg, error);
      }
    }
  }

  #select(now: number): void {
    this.#candidates.length = 0;
    for (const member of this.#awake) if (member.mayTalk) this.#candidates.push(member);
    this.#selection.select(now, this.#candidates);
    this.#voices.length = 0;
    for (const member of this.#awake) {
      const isLeaving = !member.presence.isAwake(now);
      member.speak(member.mayTalk && !isLeaving && this.#selection.isSelected(member.legId));
      if (member.isHeard) this.#voices.push(member);
    }
  }

  /** Tells who began and ended to talk, and lets go of those who are silent. */
  #endBeat(now: number): void {
    for (let i = this.#awake.length - 1; i >= 0; i -= 1) {
      const member = this.#awake[i];
      if (!member) continue;
      member.placeBefore = member.place;
      if (!member.presence.isAwake(now) || member.settings.isMuted) {
        member.fallAsleep();
        this.#awake.splice(i, 1);
      }
      this.#tellTalking(now, member);
    }
    this.#tellLevels(now);
  }

  #tellTalking(now: number, member: RoomMember): void {
    const { isTalking } = member.presence;
    if (isTalking === member.wasTalking) return;
    member.wasTalking = isTalking;
    this.taps.handleTalking(now, member.legId, isTalking);
    this.#listener.roomTalking(this, member.legId, isTalking);
  }

  #tellLevels(now: number): void {
    const { levelIntervalMs = 0 } = this.options;
    if (levelIntervalMs <= 0 || now < this.#levelsAt) return;
    const levels: { legId: number; levelDbov: number }[] = [];
    for (const member of this.#members.values()) {
      const { legId, loudestDbov } = member;
      if (loudestDbov !== undefined) levels.push({ legId, levelDbov: loudestDbov });
      member.loudestDbov = undefined;
    }
    if (levels.length === 0) return;
    this.#levelsAt = now + levelIntervalMs;
    this.#listener.roomLevels(this, levels);
  }
}

/** 1 to 32, whatever was asked for. */
function talkersOf({ maxTalkers = DEFAULT_MAX_TALKERS }: OpenRoomOptions): number {
  return Math.floor(clamp(maxTalkers, 1, MOST_TALKERS)) || DEFAULT_MAX_TALKERS;
}

function reportOf(member: RoomMember): MemberReport {
  const { legId, leg, presence, settings, levelDbov, isAwake, talkedMs } = member;
  return {
    legId,
    label: leg.label,
    isTalking: presence.isTalking,
    isMuted: settings.isMuted,
    levelDbov: isAwake ? Math.max(SILENCE_DBOV, levelDbov) : null,
    talkedMs,
  };
}
