// One room: on its beat, hears those of its members who may be talking, and tells each listener what the others say.
import { type AudioSource, SILENCE_DBOV } from '../audio/index.ts';
import type { Leg } from '../leg/index.ts';
import { FormatGroups } from './format-groups.ts';
import { BEAT_FRAMES, Mix } from './mix.ts';
import { MixPacket } from './mix-packet.ts';
import { DEFAULT_SETTINGS, type MemberEquipment, type MemberListener, RoomMember } from './room-member.ts';
import { RoomSounds } from './room-sounds.ts';
import { RoomTaps } from './room-taps.ts';
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
/** Listeners hear so often that the room is still there; NATs and phones give up after several times as long. */
const KEEP_ALIVE_BEATS = 50;
/** A stream of one's own is kept so many beats behind one's last word. */
const KEPT_BEATS = 3;
/** A beat that is late by more is not caught up with: that time passes in silence. */
const LATEST_BEAT_MS = 200;
/** Rooms beat at different moments, so that one thread's rooms do not all mix at once: by how much in turn. */
const PHASE_STEP_MS = 7.3;
/** Beats may be counted from before the clock's zero. */
const SLOTS_A_BEAT = 2;

export interface RoomListener {
  now(): number;
  /** The room's deadline may have moved nearer. */
  roomRearmed(room: Room): void;
  roomTalking(room: Room, legId: number, isTalking: boolean): void;
  roomLevels(room: Room, levels: readonly { readonly legId: number; readonly levelDbov: number }[]): void;
  /** The member's leg goes elsewhere; what it used is to be given back. */
  roomLeft(room: Room, member: RoomMember): void;
  /** We are wrong somewhere: this member is at its end, and no other. */
  memberFailed(leg: Leg, error: unknown): void;
}

export class Room implements MemberListener {
  readonly roomId: number;
  readonly options: OpenRoomOptions;
  readonly groups = new FormatGroups();
  readonly #sounds = new RoomSounds();
  readonly taps = new RoomTaps();
  readonly #listener: RoomListener;
  readonly #members = new Map<Leg, RoomMember>();
  /** Those whose sound is read at each beat. */
  readonly #awake: RoomMember[] = [];
  /** Those that hear a stream of their own. */
  readonly #private: RoomMember[] = [];
  /** What those said last that left in the middle of a word, faded out. */
  readonly #lastWords: Float32Array[] = [];
  /** What a member hears that says nothing. */
  readonly #mix = new Mix(1);
  readonly #packet = new MixPacket();
  readonly #csrcs: number[] = [];
  readonly #phaseMs: number;
  /** Undefined where the room is empty. */
  #nextBeat: number | undefined;
  #hasFailed = false;
  #silentBeats = 0;
  #levelsAt = 0;
  #beats = 0;
  #encodes = 0;
  /** Of members that left. */
  #decodesBefore = 0;
  #undecodedBefore = 0;

  constructor(roomId: number, options: OpenRoomOptions, listener: RoomListener) {
    this.roomId = roomId;
    this.options = options;
    this.#listener = listener;
    this.#phaseMs = (roomId * PHASE_STEP_MS) % ROOM_BEAT_MS;
  }

  get memberCount(): number {
    return this.#members.size;
  }

  memberOf(leg: Leg): RoomMember | undefined {
    return this.#members.get(leg);
  }

  get members(): readonly RoomMember[] {
    return [...this.#members.values()];
  }

  join(now: number, leg: Leg, equipment: MemberEquipment, settings: Partial<MemberSettings>): RoomMember {
    const member = new RoomMember(leg, equipment, { ...DEFAULT_SETTINGS, ...settings }, this);
    this.#members.set(leg, member);
    member.group?.members.push(member);
    this.taps.handleJoined(now, member);
    this.#wake(now);
    return member;
  }

  /** SDP of a member is new. @returns what it used before */
  equip(now: number, member: RoomMember, equipment: MemberEquipment): MemberEquipment {
    this.#leaveGroup(member);
    const before = member.equip(equipment);
    member.group?.members.push(member);
    this.#wake(now);
    return before;
  }

  set(member: RoomMember, changes: Partial<MemberSettings>): void {
    member.settings = { ...member.settings, ...changes };
  }

  /**
   * Mixes in what the source gives, behind what plays already.
   *
   * @param source - mono, of the room's rate
   * @returns when it was played, or the room closed
   */
  play(now: number, source: AudioSource): Promise<void> {
    const played = this.#sounds.play(source);
    this.#wake(now);
    return played;
  }

  memberAwoke(member: RoomMember, now: number): void {
    member.isAwake = true;
    this.#awake.push(member);
    this.#wake(now);
  }

  memberLeft(member: RoomMember): void {
    if (!this.#members.delete(member.leg)) return;
    const now = this.#listener.now();
    this.#leaveGroup(member);
    this.#keepLastWord(now, member);
    remove(this.#awake, member);
    remove(this.#private, member);
    this.#decodesBefore += member.input.decodes;
    this.#undecodedBefore += member.input.passedPackets;
    if (this.#members.size === 0) this.#nextBeat = undefined;
    this.taps.handleLeft(now, member.leg.legId);
    this.#listener.roomLeft(this, member);
    this.#listener.roomRearmed(this);
  }

  nextTimeoutAt(): number | undefined {
    return this.#nextBeat === undefined ? undefined : this.#timeOf(this.#nextBeat);
  }

  handleTimeout(now: number): void {
    const planned = this.#nextBeat;
    if (planned === undefined || now < this.#timeOf(planned)) return;
    const isLate = now - this.#timeOf(planned) > LATEST_BEAT_MS;
    const beat = isLate ? Math.floor((now - this.#phaseMs) / ROOM_BEAT_MS) : planned;
    if (this.#isSilent) {
      this.#nextBeat = beat + KEEP_ALIVE_BEATS;
      this.#keepAlive(now, beat);
      return;
    }
    this.#nextBeat = beat + 1;
    this.#mixBeat(now, beat);
    if (this.#isSilent) this.#nextBeat = beat + KEEP_ALIVE_BEATS;
  }

  report(): RoomReport {
    const members = this.members;
    const sum = (count: (member: RoomMember) => number) =>
      members.reduce((total, member) => total + count(member), 0);
    return {
      roomId: this.roomId,
      label: this.options.label,
      members: members.map(reportOf),
      beats: this.#beats,
      decodes: this.#decodesBefore + sum(({ input }) => input.decodes),
      encodes: this.#encodes,
      undecoded: this.#undecodedBefore + sum(({ input }) => input.passedPackets),
    };
  }

  /** We are wrong somewhere in its beat: nobody hears anything any more, and its members may still leave. */
  fail(): void {
    this.#hasFailed = true;
    this.#nextBeat = undefined;
    this.#sounds.close();
  }

  /** Parts all members; their legs stay open. */
  close(): void {
    this.#sounds.close();
    for (const member of this.members) {
      member.leg.passage = undefined;
      this.memberLeft(member);
    }
  }

  get #isSilent(): boolean {
    return this.#awake.length === 0 && !this.#sounds.isPlaying && this.#silentBeats >= SILENT_BEATS;
  }

  #timeOf(beat: number): number {
    return beat * ROOM_BEAT_MS + this.#phaseMs;
  }

  #wake(now: number): void {
    this.#silentBeats = 0;
    if (this.#members.size === 0 || this.#hasFailed) return;
    const next = Math.floor((now - this.#phaseMs) / ROOM_BEAT_MS) + 1;
    if (this.#nextBeat !== undefined && this.#nextBeat <= next) return;
    this.#nextBeat = next;
    this.#mix.forget();
    this.#listener.roomRearmed(this);
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

  #leaveGroup(member: RoomMember): void {
    if (member.group) remove(member.group.members, member);
  }

  #mixBeat(now: number, beat: number): void {
    this.#beats += 1;
    this.#hear(now);
    this.#select();
    const sound = this.#sounds.read();
    this.#sum(beat, sound);
    if (this.#awake.length === 0 && !sound) this.#silentBeats += 1;
    else this.#silentBeats = 0;
    this.#mix.finish();
    this.#sendPrivate(now, beat);
    this.#sendShared(now, beat);
    this.#endBeat(now, beat);
  }

  /** Reads whoever is awake. */
  #hear(now: number): void {
    for (const member of [...this.#awake]) {
      try {
        member.hear(now);
      } catch (error) {
        this.#listener.memberFailed(member.leg, error);
      }
    }
  }

  /** Who is mixed: the loudest. */
  #select(): void {
    const { maxTalkers = DEFAULT_MAX_TALKERS } = this.options;
    const wanted = this.#awake.filter((member) => member.wantsToTalk);
    const chosen = wanted.toSorted((a, b) => b.input.levelDbov - a.input.levelDbov).slice(0, maxTalkers);
    for (const member of this.#awake) member.speak(chosen.includes(member));
  }

  #sum(beat: number, sound: Int16Array | undefined): void {
    const { sum } = this.#mix;
    if (sound) sum.set(sound);
    else sum.fill(0);
    for (const voice of this.#lastWords.splice(0)) add(sum, voice, 1);
    for (const member of this.#awake) {
      if (!member.isHeard) continue;
      add(sum, member.voice, 1);
      if (!member.own || member.settings.isDeaf) continue;
      if (!this.#private.includes(member)) this.#private.push(member);
      member.privateUntil = beat + KEPT_BEATS;
    }
  }

  #sendPrivate(now: number, beat: number): void {
    for (const member of this.#private) {
      const { own, output } = member;
      if (!own || !output) continue;
      const { mix, stream } = own;
      mix.sum.set(this.#mix.sum);
      if (member.isHeard) add(mix.sum, member.voice, -1);
      if (!stream.isWarm(beat)) {
        stream.warm(beat, this.#mix);
        stream.beginAnew();
      }
      stream.feed(beat, mix.finish(), (slot, payload) => {
        this.#encodes += 1;
        if (payload.length === 0) return;
        output.send(now, this.#packet.build(payload, this.#heardBy(member)), slot);
      });
    }
  }

  #sendShared(now: number, beat: number): void {
    for (const group of this.groups.all) {
      const { stream, members } = group;
      if (!members.some((member) => isSharing(member, beat))) continue;
      if (!stream.isWarm(beat)) {
        // Before a room rests, its shared streams have heard silence.
        if (this.#mix.isFresh) stream.resume();
        else stream.warm(beat, this.#mix);
      }
      if (members.some((member) => member.privateUntil === beat - 1)) stream.beginAnew();
      stream.feed(beat, this.#mix.beat(0), (slot, payload) => {
        this.#encodes += 1;
        if (payload.length === 0) return;
        const packet = this.#packet.build(payload, this.#heardBy(undefined));
        for (const member of members) if (isSharing(member, beat)) member.output?.send(now, packet, slot);
      });
    }
  }

  #heardBy(listener: RoomMember | undefined): readonly number[] {
    this.#csrcs.length = 0;
    for (const member of this.#awake) {
      if (member.isHeard && member !== listener) this.#csrcs.push(member.input.ssrc);
    }
    return this.#csrcs;
  }

  #keepAlive(now: number, beat: number): void {
    for (const group of this.groups.all) {
      const slots = group.ptimeMs / (ROOM_BEAT_MS / SLOTS_A_BEAT);
      const slot = Math.floor((beat * SLOTS_A_BEAT) / slots) * slots;
      const packet = this.#packet.build(group.silence, []);
      for (const member of group.members) member.output?.send(now, packet, slot);
    }
  }

  /** Tells who began and ended to talk, and lets go of those who are silent. */
  #endBeat(now: number, beat: number): void {
    this.taps.handleBeat(now, this.#awake, this.#mix.beat(0));
    for (const member of [...this.#awake]) {
      this.#tellTalking(now, member);
      if (member.presence.isAwake(now) && !member.settings.isMuted) continue;
      member.fallAsleep();
      this.#tellTalking(now, member);
      remove(this.#awake, member);
    }
    for (const member of [...this.#private]) {
      if (member.privateUntil <= beat) remove(this.#private, member);
    }
    this.#tellLevels(now);
  }

  #tellTalking(now: number, member: RoomMember): void {
    const { isTalking } = member.presence;
    if (isTalking === member.wasTalking) return;
    member.wasTalking = isTalking;
    this.taps.handleTalking(now, member.leg.legId, isTalking);
    this.#listener.roomTalking(this, member.leg.legId, isTalking);
  }

  #tellLevels(now: number): void {
    const { levelIntervalMs = 0 } = this.options;
    if (levelIntervalMs <= 0 || now < this.#levelsAt) return;
    const levels = this.#awake
      .filter(({ isHeard }) => isHeard)
      .map(({ leg, input }) => ({ legId: leg.legId, levelDbov: input.levelDbov }));
    if (levels.length === 0) return;
    this.#levelsAt = now + levelIntervalMs;
    this.#listener.roomLevels(this, levels);
  }
}

/** Both have one beat of mono. */
function add(sum: Float32Array, voice: Float32Array, factor: 1 | -1): void {
  for (let i = 0; i < BEAT_FRAMES; i += 1) sum[i]! += factor * voice[i]!;
}

function isSharing(member: RoomMember, beat: number): boolean {
  return member.privateUntil < beat && !member.settings.isDeaf;
}

function reportOf(member: RoomMember): MemberReport {
  const { leg, presence, settings, input, isAwake, talkedMs } = member;
  return {
    legId: leg.legId,
    label: leg.label,
    isTalking: presence.isTalking,
    isMuted: settings.isMuted,
    levelDbov: isAwake ? Math.max(SILENCE_DBOV, input.levelDbov) : null,
    talkedMs,
  };
}

function remove<Item>(items: Item[], item: Item): void {
  const index = items.indexOf(item);
  if (index >= 0) items.splice(index, 1);
}
