// What one member says: packets in as they come, sound of the room's rate out at its beats, decoded only where it may be
// a voice.
import { levelDbov, Resampler, remix, SILENCE_DBOV } from '../audio/index.ts';
import type { Codec } from '../codec/index.ts';
import type { PayloadFormat } from '../engine/types.ts';
import { isComfortNoise } from '../leg/format-table.ts';
import { PacketFeed } from '../receiver/packet-feed.ts';
import { VoiceReceiver } from '../receiver/voice-receiver.ts';
import { rtpPayloadEnd, rtpPayloadType, rtpSsrc } from '../rtp/index.ts';
import { type Loudness, meterFor, type PacketMeter } from './packet-meter.ts';
import { ROOM_BEAT_MS, ROOM_RATE_HZ } from './types.ts';

/** Longer pauses between packets need not be gone through step by step. */
const LONGEST_PASS_MS = 1000;

export interface VoiceInputOptions {
  /** What the member may say. */
  readonly formats: readonly PayloadFormat[];
  /** Of the sound formats among them, by payload type; whoever made them closes them. */
  readonly decoders: ReadonlyMap<number, Codec>;
}

export class VoiceInput {
  readonly #receiver = new VoiceReceiver();
  readonly #meters: (PacketMeter | undefined)[] = [];
  #feed: PacketFeed;
  #resampler: Resampler | undefined;
  /** Sound up to here was read, or passed over. */
  #position = Number.NEGATIVE_INFINITY;
  #ssrc = 0;
  #levelDbov = SILENCE_DBOV;

  constructor(options: VoiceInputOptions) {
    this.#feed = this.#setUp(options);
  }

  /** As the member sent it last: what others are told of who is heard. */
  get ssrc(): number {
    return this.#ssrc;
  }

  /** Of the beat that was read last. */
  get levelDbov(): number {
    return this.#levelDbov;
  }

  get decodes(): number {
    return this.#receiver.decodes;
  }

  get passedPackets(): number {
    return this.#receiver.passedPackets;
  }

  /** The member's SDP is new. What waits in the old formats is lost on the new decoders. */
  setFormats(options: VoiceInputOptions): void {
    this.#feed = this.#setUp(options);
  }

  /** How long a packet that comes now waits for its turn. */
  get delayMs(): number {
    return this.#receiver.targetDelayMs;
  }

  /**
   * Takes a packet whose payload begins at `offset`.
   *
   * @param isAwake - whether the member is listened to; otherwise what is due is passed over
   * @returns undefined where it is no sound
   */
  handlePacket(
    now: number,
    packet: Uint8Array,
    at: { readonly offset: number; readonly isCopy: boolean; readonly isAwake: boolean },
  ): Loudness | undefined {
    if (!at.isAwake) this.#passOver(now);
    if (!this.#feed.push(now, packet, at.offset, at.isCopy)) return undefined;
    this.#ssrc = rtpSsrc(packet);
    const meter = this.#meters[rtpPayloadType(packet)];
    return meter?.loudness(packet.subarray(at.offset, rtpPayloadEnd(packet))) ?? 'unknown';
  }

  /** @returns one beat of the room's rate, mono; valid until the next */
  readBeat(now: number): Int16Array {
    const sound = this.#receiver.read(now, ROOM_BEAT_MS);
    this.#position = now + ROOM_BEAT_MS;
    const mono = remix(sound, this.#receiver.channels, 1);
    this.#levelDbov = levelDbov(mono);
    if (this.#resampler?.inputHz !== this.#receiver.sampleRateHz) {
      this.#resampler = new Resampler(this.#receiver.sampleRateHz, ROOM_RATE_HZ);
    }
    return this.#resampler.process(mono);
  }

  #setUp({ formats, decoders }: VoiceInputOptions): PacketFeed {
    this.#meters.length = 0;
    for (const format of formats) this.#meters[format.payloadType] = meterFor(format);
    return new PacketFeed({
      receiver: this.#receiver,
      decoders,
      comfortNoise: formats.filter(isComfortNoise).map(({ payloadType }) => payloadType),
      clockRatesHz: new Map(formats.map(({ payloadType, clockRateHz }) => [payloadType, clockRateHz])),
    });
  }

  #passOver(now: number): void {
    const elapsedMs = Math.min(now - this.#position, LONGEST_PASS_MS);
    if (elapsedMs <= 0) return;
    this.#receiver.passOver(now - elapsedMs, elapsedMs, this.#lengthMsOf);
    this.#position = now;
  }

  readonly #lengthMsOf = (payloadType: number, payload: Uint8Array): number =>
    this.#meters[payloadType]?.lengthMs(payload) ?? ROOM_BEAT_MS;
}
