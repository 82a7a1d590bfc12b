// One member of a room: what its leg receives goes in here, and what it hears comes from here.
import type { Codec } from '../codec/index.ts';
import type { PayloadFormat } from '../engine/types.ts';
import {
  type Destination,
  isComfortNoise,
  isEventFormat,
  type Leg,
  type PacketOutcome,
} from '../leg/index.ts';
import {
  CLIENT_LEVEL_URI,
  clientLevel,
  extensionIdOf,
  isVoice,
  levelDbovOf,
  MIXER_LEVEL_URI,
} from '../rtp/index.ts';
import { clamp } from './block.ts';
import type { FormatGroup } from './format-groups.ts';
import type { Hearing } from './hearing.ts';
import { ListenerOutput } from './listener-output.ts';
import { BEAT_FRAMES, Mix } from './mix.ts';
import { MixStream } from './mix-stream.ts';
import type { Loudness } from './packet-meter.ts';
import { Presence } from './presence.ts';
import type { Place } from './spatial-panner.ts';
import { type MemberSettings, ROOM_BEAT_MS } from './types.ts';
import { VoiceChain, type VoiceChainOptions } from './voice-chain.ts';
import { VoiceInput } from './voice-input.ts';

export const DEFAULT_SETTINGS: MemberSettings = {
  isMuted: false,
  isDeaf: false,
  gainDb: 0,
  position: undefined,
  facingDegrees: 0,
};

/** What call control may add to a voice. */
const GAIN_RANGE_DB = { least: -40, most: 20 } as const;

/** What a member needs to talk and to listen, by its SDP; the member's own, who closes the codecs. */
export interface MemberEquipment {
  /** Equal for two that do the same. */
  readonly key: string;
  readonly formats: readonly PayloadFormat[];
  readonly decoders: ReadonlyMap<number, Codec>;
  /** How it hears; undefined where nothing can be sent to it. */
  readonly listening:
    | { readonly format: PayloadFormat; readonly encoder: Codec; readonly group: FormatGroup }
    | undefined;
}

export interface RoomMemberOptions {
  readonly leg: Leg;
  readonly equipment: MemberEquipment;
  readonly settings: MemberSettings;
  readonly chain: VoiceChainOptions;
  /** Whether what it says in stereo is heard so. */
  readonly hasStereo: boolean;
  /** The member may begin to talk: its sound is wanted at the next beat. */
  onAwake(now: number, member: RoomMember): void;
  /** The leg goes elsewhere. */
  onLeft(member: RoomMember): void;
}

/** The mix without the member itself, and its encoding. */
export interface OwnStream {
  readonly mix: Mix;
  readonly stream: MixStream;
}

export class RoomMember implements Destination {
  readonly to = undefined;
  readonly leg: Leg;
  readonly presence = new Presence();
  readonly input: VoiceInput;
  /** What it says in this beat, as others hear it, and in the beat before. */
  voice = new Float32Array(BEAT_FRAMES);
  voiceBefore = new Float32Array(BEAT_FRAMES);
  /** Half the difference of left and right; undefined in rooms that place voices themselves. */
  readonly side: Float32Array | undefined;
  /** Where it is now, and where it was in the beat before. */
  place: Place;
  placeBefore: Place;
  /** Whether the room reads its sound at each beat. */
  isAwake = false;
  /** Whether {@link RoomMember.voice} is in the mix of this beat. */
  isHeard = false;
  /** What it hears while it says nothing; undefined where nothing can be sent to it. */
  hearing: Hearing | undefined;
  /** Up to this beat it hears a stream of its own. */
  privateUntil = Number.NEGATIVE_INFINITY;
  /** By which it knows levels of mixers (RFC 6465), and by which it tells its own (RFC 6464); 0 for neither. */
  levelId = 0;
  #ownLevelId = 0;
  /** Whose packets it got last. */
  lastStream: MixStream | undefined;
  /** What call control was told last. */
  wasTalking = false;
  /** Loudest beat since levels were told; undefined where it said nothing. */
  loudestDbov: number | undefined;
  talkedMs = 0;
  readonly #options: RoomMemberOptions;
  readonly #chain: VoiceChain;
  #settings: MemberSettings;
  #equipment: MemberEquipment;
  #output: ListenerOutput | undefined;
  #own: OwnStream | undefined;

  constructor(options: RoomMemberOptions) {
    const { leg, equipment, settings, chain, hasStereo } = options;
    this.#options = options;
    this.leg = leg;
    this.#settings = settings;
    this.place = settings;
    this.placeBefore = settings;
    this.#chain = new VoiceChain(chain);
    this.side = hasStereo ? new Float32Array(BEAT_FRAMES) : undefined;
    this.#equipment = equipment;
    this.input = new VoiceInput(equipment);
    this.refreshLevels();
    this.#listen(equipment);
  }

  get legId(): number {
    return this.leg.legId;
  }

  /** Of this beat, before any gain. */
  get levelDbov(): number {
    return this.input.levelDbov;
  }

  get settings(): MemberSettings {
    return this.#settings;
  }

  set settings(settings: MemberSettings) {
    const { least, most } = GAIN_RANGE_DB;
    const gainDb = Number.isFinite(settings.gainDb) ? clamp(settings.gainDb, least, most) : 0;
    this.#settings = { ...settings, gainDb };
    this.place = this.#settings;
  }

  get group(): FormatGroup | undefined {
    return this.#equipment.listening?.group;
  }

  get output(): ListenerOutput | undefined {
    return this.#output;
  }

  get own(): OwnStream | undefined {
    return this.#own;
  }

  get equipment(): MemberEquipment {
    return this.#equipment;
  }

  /** Whether it is to be mixed, if there is room for it. */
  get mayTalk(): boolean {
    return this.isAwake && !this.#settings.isMuted;
  }

  pass(now: number, packet: Uint8Array, payloadType: number, offset: number, isCopy = false): PacketOutcome {
    const loudness = this.input.handlePacket(now, packet, { offset, isCopy, isAwake: this.isAwake });
    if (loudness === undefined) return this.#isEvent(payloadType) ? 'consumed' : 'no-codec';
    if (this.#settings.isMuted) return 'consumed';
    this.presence.handlePacket(now, this.#told(packet) ?? loudness, this.input);
    if (!this.isAwake && this.presence.isAwake(now)) {
      this.isAwake = true;
      this.#options.onAwake(now, this);
    }
    return 'consumed';
  }

  /** The jitter buffer sees for itself that numbers jumped. */
  interrupt(): void {}

  /** The leg has another destination, or none. */
  close(): void {
    this.#options.onLeft(this);
  }

  /** SDP may have other header extensions. */
  refreshLevels(): void {
    const extensions = this.leg.remote?.extensions;
    this.levelId = extensionIdOf(extensions, MIXER_LEVEL_URI, 'sent');
    this.#ownLevelId = extensionIdOf(extensions, CLIENT_LEVEL_URI, 'received');
  }

  /** SDP is new. @returns what it used before, to be given back */
  equip(equipment: MemberEquipment): MemberEquipment {
    const before = this.#equipment;
    this.#equipment = equipment;
    this.input.setFormats(equipment);
    this.#listen(equipment);
    return before;
  }

  /** Reads one beat of what it says. */
  hear(now: number): void {
    // Whoever begins to talk is about to be heard.
    this.input.readBeat(now, this.isHeard || !this.presence.isTalking);
    const isLoud = this.presence.handleSound(now, this.levelDbov, ROOM_BEAT_MS);
    if (!this.presence.isTalking) return;
    this.talkedMs += ROOM_BEAT_MS;
    if (isLoud) this.loudestDbov = Math.max(this.loudestDbov ?? this.levelDbov, this.levelDbov);
  }

  /** Makes its voice of what was read. @param isMixed - whether others are to hear it at the end of the beat */
  speak(isMixed: boolean): void {
    this.isHeard = isMixed || this.#chain.isOpen;
    if (!this.isHeard) return;
    [this.voice, this.voiceBefore] = [this.voiceBefore, this.voice];
    if (!this.#chain.isOpen) this.voiceBefore.fill(0);
    this.input.take(this);
    this.#chain.process(this.voice, isMixed ? this.#settings.gainDb : undefined);
    if (this.side) this.#chain.processSide(this.side);
  }

  fallAsleep(): void {
    this.isAwake = false;
    this.isHeard = false;
    this.#chain.reset();
    this.presence.reset();
  }

  #listen({ listening }: MemberEquipment): void {
    this.leg.interrupt();
    this.lastStream = undefined;
    this.#output = undefined;
    this.#own = undefined;
    if (!listening) return;
    const { format, encoder, group } = listening;
    const { ptimeMs } = group;
    const comfortNoise = this.leg.remote?.formats.find(
      (other) => isComfortNoise(other) && other.clockRateHz === format.clockRateHz,
    );
    const options = { format, comfortNoise: comfortNoise?.payloadType, ptimeMs };
    this.#output = new ListenerOutput(this.leg, options);
    const stream = new MixStream({ encoder, ptimeMs });
    this.#own = { mix: new Mix(stream.channels), stream };
  }

  /** What the member itself says of its sound. @returns undefined where it says nothing */
  #told(packet: Uint8Array): Loudness | undefined {
    const level = this.#ownLevelId === 0 ? -1 : clientLevel(packet, this.#ownLevelId);
    if (level < 0) return undefined;
    return isVoice(level) ? 'voice' : levelDbovOf(level);
  }

  #isEvent(payloadType: number): boolean {
    const format = this.#equipment.formats.find((known) => known.payloadType === payloadType);
    return format !== undefined && isEventFormat(format);
  }
}

/** Closes every codec of its own, and each once. */
export function closeCodecs({ decoders, listening }: MemberEquipment): void {
  const codecs = new Set(decoders.values());
  if (listening) codecs.add(listening.encoder);
  for (const codec of codecs) codec.close();
}
