// One member of a room: what its leg receives goes in here, and what it hears comes from here.
import type { Codec } from '../codec/index.ts';
import type { PayloadFormat } from '../engine/types.ts';
import { type Destination, isEventFormat, type Leg, type PacketOutcome } from '../leg/index.ts';
import type { FormatGroup } from './format-groups.ts';
import { ListenerOutput } from './listener-output.ts';
import { BEAT_FRAMES, Mix } from './mix.ts';
import { MixStream } from './mix-stream.ts';
import { Presence } from './presence.ts';
import { type MemberSettings, ROOM_BEAT_MS, ROOM_RATE_HZ } from './types.ts';
import { VoiceInput } from './voice-input.ts';

/** Over how long a change of loudness goes, so that none clicks: 10 ms. */
const RAMP_FRAMES = ROOM_RATE_HZ / 100;

export const DEFAULT_SETTINGS: MemberSettings = {
  isMuted: false,
  isDeaf: false,
  gainDb: 0,
  position: undefined,
  facingDegrees: 0,
};

/** What a member needs to talk and to listen, by its SDP; the member's own, who closes the codecs. */
export interface MemberEquipment {
  readonly formats: readonly PayloadFormat[];
  readonly decoders: ReadonlyMap<number, Codec>;
  /** How it hears; undefined where nothing can be sent to it. */
  readonly listening:
    | { readonly format: PayloadFormat; readonly encoder: Codec; readonly group: FormatGroup }
    | undefined;
}

export interface MemberListener {
  /** The member may begin to talk: its sound is wanted at the next beat. */
  memberAwoke(member: RoomMember, now: number): void;
  /** The leg goes elsewhere. */
  memberLeft(member: RoomMember): void;
}

export class RoomMember implements Destination {
  readonly to = undefined;
  readonly leg: Leg;
  readonly presence = new Presence();
  readonly input: VoiceInput;
  /** What it says in this beat, as others hear it. */
  readonly voice = new Float32Array(BEAT_FRAMES);
  settings: MemberSettings;
  /** Whether the room reads its sound at each beat. */
  isAwake = false;
  /** Whether {@link RoomMember.voice} is in the mix of this beat. */
  isHeard = false;
  /** Up to this beat it hears a stream of its own. */
  privateUntil = Number.NEGATIVE_INFINITY;
  wasTalking = false;
  talkedMs = 0;
  /** Factor of its sound at the end of the last beat. */
  #gain = 0;
  #pcm: Int16Array = new Int16Array(BEAT_FRAMES);
  #isVoice = false;
  #equipment: MemberEquipment;
  #output: ListenerOutput | undefined;
  #own: { readonly mix: Mix; readonly stream: MixStream } | undefined;
  readonly #listener: MemberListener;

  constructor(leg: Leg, equipment: MemberEquipment, settings: MemberSettings, listener: MemberListener) {
    this.leg = leg;
    this.settings = settings;
    this.#listener = listener;
    this.#equipment = equipment;
    this.input = new VoiceInput(equipment);
    this.#listen(equipment);
  }

  get group(): FormatGroup | undefined {
    return this.#equipment.listening?.group;
  }

  get output(): ListenerOutput | undefined {
    return this.#output;
  }

  /** The mix without itself, and its encoding. */
  get own(): { readonly mix: Mix; readonly stream: MixStream } | undefined {
    return this.#own;
  }

  pass(now: number, packet: Uint8Array, payloadType: number, offset: number, isCopy = false): PacketOutcome {
    const loudness = this.input.handlePacket(now, packet, { offset, isCopy, isAwake: this.isAwake });
    if (loudness === undefined) return this.#isEvent(payloadType) ? 'consumed' : 'no-codec';
    if (this.settings.isMuted || loudness === 'silence') return 'consumed';
    this.presence.handlePacket(now, loudness, this.input.delayMs);
    if (!this.isAwake && this.presence.isAwake(now)) this.#listener.memberAwoke(this, now);
    return 'consumed';
  }

  /** The jitter buffer sees for itself that numbers jumped. */
  interrupt(): void {}

  /** The leg has another destination, or none. */
  close(): void {
    this.#listener.memberLeft(this);
  }

  /** SDP is new. @returns what it used before, to be given back */
  equip(equipment: MemberEquipment): MemberEquipment {
    const before = this.#equipment;
    this.#equipment = equipment;
    this.input.setFormats(equipment);
    this.#listen(equipment);
    return before;
  }

  /** Whether it is to be mixed, if there is room for it. */
  get wantsToTalk(): boolean {
    return this.isAwake && this.#isVoice && !this.settings.isMuted;
  }

  /** Reads one beat of what it says. */
  hear(now: number): void {
    this.#pcm = this.input.readBeat(now);
    this.presence.handleSound(now, this.input.levelDbov, ROOM_BEAT_MS);
    this.#isVoice = this.presence.isAwake(now);
    if (this.presence.isTalking) this.talkedMs += ROOM_BEAT_MS;
  }

  /** Makes its voice of what was read; what changes is ramped. @param isMixed - whether others are to hear it */
  speak(isMixed: boolean): void {
    const before = this.#gain;
    const after = isMixed ? 10 ** (this.settings.gainDb / 20) : 0;
    this.isHeard = before > 0 || after > 0;
    this.#gain = after;
    if (!this.isHeard) return;
    const { voice } = this;
    const pcm = this.#pcm;
    for (let i = 0; i < BEAT_FRAMES; i += 1) {
      const gain = i < RAMP_FRAMES ? before + ((after - before) * i) / RAMP_FRAMES : after;
      voice[i] = gain * (pcm[i] ?? 0);
    }
  }

  fallAsleep(): void {
    this.isAwake = false;
    this.isHeard = false;
    this.#gain = 0;
    this.presence.reset();
  }

  get equipment(): MemberEquipment {
    return this.#equipment;
  }

  #listen({ listening }: MemberEquipment): void {
    this.leg.interrupt();
    if (!listening) {
      this.#output = undefined;
      this.#own = undefined;
      return;
    }
    const { format, encoder, group } = listening;
    const { ptimeMs } = group;
    this.#output = new ListenerOutput(this.leg, format, ptimeMs);
    const stream = new MixStream({ encoder, ptimeMs });
    this.#own = { mix: new Mix(stream.channels), stream };
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
