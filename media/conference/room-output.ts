// What a room sends in a beat: each shared mix encoded once a format, and each talker's own, which lacks its voice.
import type { FormatGroup, FormatGroups } from './format-groups.ts';
import { type Hearing, PlainHearing } from './hearing.ts';
import type { ListenerOutput } from './listener-output.ts';
import { MixPacket, type Sources } from './mix-packet.ts';
import { type MixStream, SLOT_MS } from './mix-stream.ts';
import { remove } from './remove.ts';
import type { RoomMember } from './room-member.ts';
import { SpreadSending } from './spread-sending.ts';
import { StereoPlace, StereoPlaces } from './stereo-places.ts';
import { ROOM_BEAT_MS } from './types.ts';

/** A stream of one's own is kept so many beats behind one's last word. */
const KEPT_BEATS = 3;
const SLOTS_A_BEAT = ROOM_BEAT_MS / SLOT_MS;

/** RFC 3389 §3.1: as loud as a quiet room, -70 dBov. */
const COMFORT_NOISE = Uint8Array.of(70);
const NOWHERE: readonly StereoPlace[] = [];
const NOBODY: Sources = { csrcs: [], levelsDbov: [], levelId: 0 };

/** What is to be heard in a beat. */
export interface BeatSound {
  readonly voices: readonly RoomMember[];
  /** Of those that left in the middle of a word. */
  readonly lastWords: readonly Float32Array[];
  /** Mono, for all; undefined where none plays. */
  readonly sound: Float32Array | undefined;
}

export interface RoomOutputOptions {
  readonly groups: FormatGroups;
  readonly isSpatial: boolean;
  /** We are wrong somewhere in what a member alone hears. */
  onMemberFailed(member: RoomMember, error: unknown): void;
}

export class RoomOutput {
  /** What a member hears that says nothing. */
  readonly plain = new PlainHearing(1);
  /** Frames that were encoded for somebody, those not counted that only warm an encoder. */
  encodes = 0;
  readonly #groups: FormatGroups;
  readonly #onMemberFailed: RoomOutputOptions['onMemberFailed'];
  /** In rooms that do not place voices themselves, what those hear who asked for stereo. */
  readonly #stereo = new PlainHearing(2);
  readonly #places: StereoPlaces | undefined;
  readonly #packet = new MixPacket();
  readonly #sending = new SpreadSending();
  /** Those that hear a stream of their own. */
  readonly #private: RoomMember[] = [];
  /** Who hears the stream that is being encoded, and whom. */
  readonly #audience: RoomMember[] = [];
  /** By which IDs they know levels of mixers (RFC 6465); 0 for those who know none. */
  readonly #levelIds: number[] = [];
  readonly #heard = { csrcs: [] as number[], levelsDbov: [] as number[], levelId: 0 };
  /** Those of the audience who know levels by one of the IDs. */
  readonly #part: RoomMember[] = [];
  /** Those who give their stream to all others at their place. */
  readonly #hosts = new Map<FormatGroup, RoomMember>();
  #stereoListeners = 0;
  #now = 0;

  constructor({ groups, isSpatial, onMemberFailed }: RoomOutputOptions) {
    this.#groups = groups;
    this.#places = isSpatial ? new StereoPlaces() : undefined;
    this.#onMemberFailed = onMemberFailed;
  }

  /** The member begins to listen, or to listen otherwise. */
  enter(member: RoomMember): void {
    const { group, own } = member;
    if (!group || !own) return;
    group.members.push(member);
    if (own.stream.channels === 1) member.hearing = this.plain;
    else if (this.#places) member.hearing = this.#places.enter(member);
    else {
      member.hearing = this.#stereo;
      this.#stereoListeners += 1;
    }
  }

  leave(member: RoomMember): void {
    const { group, hearing } = member;
    if (group) remove(group.members, member);
    if (hearing === this.#stereo) this.#stereoListeners -= 1;
    if (hearing instanceof StereoPlace) this.#places?.leave(member, hearing);
    member.hearing = undefined;
    member.privateUntil = Number.NEGATIVE_INFINITY;
    remove(this.#private, member);
  }

  /** The member has moved, or turned. @param voices - that are heard now */
  move(member: RoomMember, voices: readonly RoomMember[]): void {
    const { hearing } = member;
    if (hearing instanceof StereoPlace) member.hearing = this.#places?.move(member, hearing, voices);
  }

  /** There was silence for a while. */
  rest(): void {
    this.plain.mix.forget();
    this.#stereo.mix.forget();
    for (const { mix } of this.#allPlaces) mix.forget();
  }

  /** When packets of the last beat are to be sent that were too many at once; undefined where none wait. */
  get nextSendAt(): number | undefined {
    return this.#sending.nextAt;
  }

  /** Sends such packets. */
  sendDue(now: number): void {
    this.#sending.handleTimeout(now);
  }

  /** Mixes, encodes and sends one beat. */
  send(now: number, beat: number, heard: BeatSound): void {
    this.#now = now;
    this.#sending.flush(now);
    const { voices, lastWords, sound } = heard;
    this.plain.sum(voices, lastWords, sound);
    if (this.#stereoListeners > 0) this.#stereo.sum(voices, lastWords, sound);
    for (const place of this.#allPlaces) place.sum(voices, lastWords, sound);
    for (const member of voices) this.#makePrivate(beat, member);
    // Backwards, for whoever fails leaves.
    for (let i = this.#private.length - 1; i >= 0; i -= 1)
      this.#trySendPrivate(beat, this.#private[i], voices);
    this.#listSources(voices, undefined);
    for (const group of this.#groups.all) this.#sendShared(beat, group);
    for (const place of this.#allPlaces) this.#sendAtPlace(beat, place);
    for (let i = this.#private.length - 1; i >= 0; i -= 1) {
      if ((this.#private[i]?.privateUntil ?? 0) <= beat) this.#private.splice(i, 1);
    }
  }

  /** Has each encoder follow what its listeners report; once a second is often enough. */
  followReports(): void {
    for (const { stream, members } of this.#groups.all) stream.follow(members.map(({ leg }) => leg.advice));
    for (const { leg, own } of this.#private) own?.stream.follow([leg.advice]);
    for (const { listeners } of this.#allPlaces) {
      for (const { own } of listeners) own?.stream.follow(listeners.map(({ leg }) => leg.advice));
    }
  }

  /**
   * Sends a packet of silence to everybody, or to the deaf alone: phones and NATs take a stream for dead that says nothing.
   */
  sendSilence(now: number, beat: number, to: 'all' | 'deaf'): void {
    for (const { ptimeMs, silence, members } of this.#groups.all) {
      const slots = ptimeMs / SLOT_MS;
      const slot = Math.floor((beat * SLOTS_A_BEAT) / slots) * slots;
      this.#clearAudience();
      for (const member of members) {
        if (to === 'deaf' && !member.settings.isDeaf) continue;
        member.lastStream = undefined;
        if (member.leg.isPlaying) continue;
        if (member.output?.takesComfortNoise) this.#sendComfortNoise(now, member.output, slot);
        else this.#audience.push(member);
      }
      this.#sending.send(now, this.#packet.build(silence, NOBODY), slot, this.#audience);
    }
  }

  #sendComfortNoise(now: number, output: ListenerOutput, slot: number): void {
    output.sendComfortNoise(now, this.#packet.build(COMFORT_NOISE, NOBODY), slot);
  }

  get #allPlaces(): readonly StereoPlace[] {
    return this.#places?.all ?? NOWHERE;
  }

  #makePrivate(beat: number, member: RoomMember): void {
    if (!member.own || !member.hearing) return;
    if (member.privateUntil < beat && !this.#private.includes(member)) this.#private.push(member);
    member.privateUntil = beat + KEPT_BEATS;
  }

  #trySendPrivate(beat: number, member: RoomMember | undefined, voices: readonly RoomMember[]): void {
    if (!member) return;
    try {
      this.#sendPrivate(beat, member, voices);
    } catch (error) {
      this.#onMemberFailed(member, error);
    }
  }

  #sendPrivate(beat: number, member: RoomMember, voices: readonly RoomMember[]): void {
    const { own, hearing } = member;
    if (!own || !hearing || !mayHear(member)) return;
    const { mix, stream } = own;
    mix.sum.set(hearing.mix.sum);
    if (member.isHeard) hearing.subtract(member, mix.sum);
    if (!stream.isWarm(beat)) {
      stream.warm(beat, hearing.mix);
      mix.follow(hearing.mix);
    }
    this.#clearAudience();
    this.#address(member, stream);
    this.#listSources(voices, member);
    stream.feed(beat, mix.finish(), this.#deliver);
  }

  #sendShared(beat: number, group: FormatGroup): void {
    const { stream, members } = group;
    const hearing = stream.channels === 1 ? this.plain : this.#stereo;
    if (stream.channels === 2 && this.#places) return;
    this.#clearAudience();
    for (const member of members) {
      if (member.privateUntil < beat && mayHear(member)) this.#address(member, stream);
    }
    this.#feed(beat, stream, hearing);
  }

  #sendAtPlace(beat: number, place: StereoPlace): void {
    this.#hosts.clear();
    for (const member of place.listeners) {
      const { group } = member;
      if (!group || member.privateUntil >= beat || !mayHear(member) || this.#hosts.has(group)) continue;
      this.#hosts.set(group, member);
    }
    for (const [group, host] of this.#hosts) {
      if (!host.own) continue;
      this.#clearAudience();
      for (const member of place.listeners) {
        if (member.group === group && member.privateUntil < beat && mayHear(member)) {
          this.#address(member, host.own.stream);
        }
      }
      this.#feed(beat, host.own.stream, place);
    }
  }

  #feed(beat: number, stream: MixStream, { mix }: Hearing): void {
    if (this.#audience.length === 0) return;
    if (!stream.isWarm(beat)) {
      // Before a room rests, its shared streams have heard silence.
      if (mix.isFresh) stream.resume();
      else stream.warm(beat, mix);
    }
    stream.feed(beat, mix.beat(0), this.#deliver);
  }

  #clearAudience(): void {
    this.#audience.length = 0;
    this.#levelIds.length = 0;
  }

  #address(member: RoomMember, stream: MixStream): void {
    this.#audience.push(member);
    if (!this.#levelIds.includes(member.levelId)) this.#levelIds.push(member.levelId);
    if (member.lastStream !== stream) stream.beginAnew();
    member.lastStream = stream;
  }

  readonly #deliver = (slot: number, payload: Uint8Array): void => {
    this.encodes += 1;
    if (payload.length === 0) return;
    for (const levelId of this.#levelIds) {
      this.#heard.levelId = levelId;
      const packet = this.#packet.build(payload, this.#heard);
      const isAll = this.#levelIds.length === 1;
      this.#sending.send(this.#now, packet, slot, isAll ? this.#audience : this.#audienceOf(levelId));
    }
  };

  #audienceOf(levelId: number): readonly RoomMember[] {
    this.#part.length = 0;
    for (const member of this.#audience) if (member.levelId === levelId) this.#part.push(member);
    return this.#part;
  }

  /** RFC 3550 §7.1: those who contribute, by the SSRCs that they sent. */
  #listSources(voices: readonly RoomMember[], listener: RoomMember | undefined): void {
    const { csrcs, levelsDbov } = this.#heard;
    csrcs.length = 0;
    levelsDbov.length = 0;
    for (const member of voices) {
      if (member === listener) continue;
      csrcs.push(member.input.ssrc);
      levelsDbov.push(member.levelDbov);
    }
  }
}

/** Whether anything is to be sent to the member now. */
function mayHear(member: RoomMember): boolean {
  if (!member.settings.isDeaf && !member.leg.isPlaying) return true;
  // What it hears meanwhile is of other encoders.
  member.lastStream = undefined;
  return false;
}
