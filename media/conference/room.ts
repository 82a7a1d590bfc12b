// One room: on its beat, hears those of its members who may be talking, and tells each listener what the others say.
import { type AudioSource, SILENCE_DBOV } from '../audio/index.ts';
import type { Leg } from '../leg/index.ts';
import { BeatLatenessCounts } from './beat-lateness.ts';
import { FormatGroups } from './format-groups.ts';
import { DEFAULT_SETTINGS, type MemberEquipment, RoomMember } from './room-member.ts';
import { type BeatSound, RoomOutput } from './room-output.ts';
import { RoomSounds } from './room-sounds.ts';
import { RoomTaps } from './room-taps.ts';
import { RoomVoices } from './room-voices.ts';
import {
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
/**
 * Rooms beat at different moments, so that one thread's rooms do not all mix at once: by the golden section in turn, which
 * spreads any number of them evenly.
 */
const PHASE_STEP_MS = ROOM_BEAT_MS * 0.618_034;

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
  readonly #voices: RoomVoices;
  /** What is to be heard in the present beat. */
  readonly #toHear: { sound: Float32Array | undefined } & BeatSound;
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
    this.#voices = new RoomVoices(options.maxTalkers, ({ leg }, error) => listener.memberFailed(leg, error));
    const { heard: voices, lastWords } = this.#voices;
    this.#toHear = { voices, lastWords, sound: undefined };
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
    if (member.settings.isMuted) this.#voices.mute(member);
    if ('position' in changes || 'facingDegrees' in changes) this.#output.move(member, this.#voices.heard);
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
    return this.#voices.isEmpty && !this.#sounds.isPlaying && this.#silentBeats >= SILENT_BEATS;
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
    this.#voices.wake(member);
  };

  #handleLeft(member: RoomMember): void {
    if (!this.#members.delete(member.leg)) return;
    const now = this.#listener.now();
    this.#voices.leave(now, member);
    this.#output.leave(member);
    this.#decodesBefore += member.input.decodes;
    this.#undecodedBefore += member.input.passedPackets;
    if (this.#members.size === 0) this.#endSound();
    this.taps.handleLeft(now, member.legId);
    this.#listener.roomLeft(this, member);
    this.#listener.roomRearmed(this);
  }

  /** Nobody is left to hear anything: whoever comes next does not hear what was said and played before. */
  #endSound(): void {
    this.#nextBeat = undefined;
    this.#voices.lastWords.length = 0;
    this.#sounds.close();
  }

  #timeBeat(now: number, beat: number): void {
    const at = this.#timeOf(beat);
    const begunMs = this.#listener.exactNow() - at;
    this.#mixBeat(now, beat);
    this.#lateness.note(begunMs, this.#listener.exactNow() - at);
  }

  #mixBeat(now: number, beat: number): void {
    this.#beats += 1;
    const voices = this.#voices;
    voices.hear(now);
    const { heard, lastWords } = voices;
    const sound = this.#sounds.read();
    if (voices.isEmpty && !sound) this.#silentBeats += 1;
    else this.#silentBeats = 0;
    this.#toHear.sound = sound;
    this.#output.send(now, beat, this.#toHear);
    lastWords.length = 0;
    if (beat % KEEP_ALIVE_BEATS === 0) {
      this.#output.sendSilence(now, beat, 'deaf');
      this.#output.followReports();
    }
    if (heard.length > 0 || sound) this.taps.handleBeat(now, heard, this.#output.plain.mix.beat(0));
    voices.endBeat(now, this.#tellTalking);
    this.#tellLevels(now);
  }

  /** Who began, and who ended. */
  readonly #tellTalking = (now: number, member: RoomMember): void => {
    const { isTalking } = member.presence;
    if (isTalking === member.wasTalking) return;
    member.wasTalking = isTalking;
    this.taps.handleTalking(now, member.legId, isTalking);
    this.#listener.roomTalking(this, member.legId, isTalking);
  };

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
