// What one member says: packets in as they come, sound of the room's rate out at its beats, decoded only where it may be
// a voice.
import { levelDbov, Resampler, remix, SILENCE_DBOV } from '../audio/index.ts';
import type { Codec } from '../codec/index.ts';
import type { PayloadFormat } from '../engine/types.ts';
import { isComfortNoise } from '../leg/format-table.ts';
import { PacketFeed } from '../receiver/packet-feed.ts';
import { VoiceReceiver } from '../receiver/voice-receiver.ts';
import { rtpPayloadType, rtpSsrc } from '../rtp/index.ts';
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
  #sideResampler: Resampler | undefined;
  /** Sound up to here was read, or passed over. */
  #position = Number.NEGATIVE_INFINITY;
  #ssrc = 0;
  /** The beat that was read last, and its mean of both channels: valid until the next. */
  #sound: Int16Array = new Int16Array(0);
  #mono: Int16Array = this.#sound;
  #difference = this.#sound;
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

  /** How long what was read last had waited. */
  get playedDelayMs(): number {
    return this.#receiver.playedDelayMs;
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
    return meter?.loudness(this.#feed.payload) ?? 'unknown';
  }

  /**
   * Reads one beat: how loud it is. What it sounds like is worked out by {@link VoiceInput.take}, where it is wanted.
   *
   * @param isHeard - whether it is likely to be wanted
   */
  readBeat(now: number, isHeard: boolean): void {
    this.#receiver.isHeard = isHeard;
    this.#sound = this.#receiver.read(now, ROOM_BEAT_MS);
    this.#position = now + ROOM_BEAT_MS;
    this.#mono = remix(this.#sound, this.#receiver.channels, 1);
    this.#levelDbov = levelDbov(this.#mono);
  }

  /**
   * Gives the beat that was read last, as loud as it came.
   *
   * @param beat.voice - is given one beat of mono at the room's rate
   * @param beat.side - the same, of half the difference of left and right; undefined where nobody asks for stereo
   */
  take({ voice, side }: { voice: Float32Array; side: Float32Array | undefined }): void {
    const { channels, sampleRateHz } = this.#receiver;
    if (this.#resampler?.inputHz !== sampleRateHz) this.#changeRate(sampleRateHz);
    const mono = this.#mono;
    put(this.#resampler?.process(mono) ?? mono, voice);
    if (!side) return;
    if (channels === 2) put(this.#sideResampler?.process(this.#differenceOf(this.#sound)) ?? mono, side);
    else side.fill(0);
  }

  /** @param stereo - interleaved. @returns half of left less right; valid until the next */
  #differenceOf(stereo: Int16Array): Int16Array {
    const frames = stereo.length >> 1;
    if (this.#difference.length !== frames) this.#difference = new Int16Array(frames);
    // Within both by the length above.
    for (let i = 0; i < frames; i += 1) this.#difference[i] = (stereo[2 * i]! - stereo[2 * i + 1]!) >> 1;
    return this.#difference;
  }

  #changeRate(inputHz: number): void {
    this.#resampler = new Resampler(inputHz, ROOM_RATE_HZ);
    this.#sideResampler = new Resampler(inputHz, ROOM_RATE_HZ);
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

/** Of a rate that has no whole beat, the last sample is repeated. */
function put(pcm: Int16Array, voice: Float32Array): void {
  if (pcm.length > voice.length) return voice.set(pcm.subarray(0, voice.length));
  voice.set(pcm);
  voice.fill(pcm.at(-1) ?? 0, pcm.length);
}
