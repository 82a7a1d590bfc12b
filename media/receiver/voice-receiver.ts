// The receiving side of one stream: packets in as they come, sound out in exact pieces as it is needed.
import { DecodeError } from '../../core/index.ts';
import { type Codec, decodeComfortNoise, FRAME_MS } from '../codec/index.ts';
import {
  JitterBuffer,
  type JitterBufferOptions,
  type JitterFrame,
  type JitterPacket,
  type JitterStatistics,
  type PlayoutStep,
} from '../jitter/index.ts';
import type { OrderedLosses } from '../quality/types.ts';
import { Background } from './background.ts';
import { FrameDescription } from './frame-description.ts';
import { SoundNumbering } from './sound-numbering.ts';
import { SoundQueue } from './sound-queue.ts';

/** Before anything is known of a stream. */
const DEFAULT_RATE_HZ = 8000;
/** Steps a read takes at most. The shortest packets have 2.5 ms; more steps than these mean packets without sound. */
const MOST_STEPS = 64;

export interface VoiceReceiverOptions {
  readonly jitter?: JitterBufferOptions;
  /** What decides when a packet plays, instead of a {@link JitterBuffer} with the options above. */
  readonly buffer?: PlayoutTiming;
}

/** A jitter buffer, as far as a receiver uses it. */
export type PlayoutTiming = Pick<
  JitterBuffer,
  'push' | 'pull' | 'handleStretched' | 'statistics' | 'targetDelayMs' | 'delayMs'
> & { readonly losses?: OrderedLosses };

/** How much sound the payload of a packet holds, where nobody decodes it. */
export type LengthMsOf = (payloadType: number, payload: Uint8Array) => number;

type FrameStep = Extract<PlayoutStep, { readonly type: 'frame' }>;

/** Sound without a period (noise, chords) has none a packet later either: a search costs as much as a fifth of decoding. */
const TURNS_BETWEEN_SEARCHES = 4;
/** A delay that is off by so much is worth a search in every packet. */
const URGENT_STRETCH_MS = 10;

/** Counts of one stream: those of its buffer, and what the decoders refused. */
export interface ReceiverStatistics extends JitterStatistics {
  /** Packets that were played, and whose payload no decoder took: their sound was made up, and is in `concealedMs`. */
  readonly undecodable: number;
}

/** Where the sound put in last came from: one decoder's flows from packet to packet, any other joint may be a step. */
type Origin = 'packet' | 'made-up';

/**
 * Decodes, repairs, conceals and stretches. Sans-I/O; the codecs belong to whoever gave them.
 *
 * The rate and channels of its sound are those of the codec in use, and change when the far end changes it.
 */
export class VoiceReceiver {
  readonly #buffer: PlayoutTiming;
  readonly #numbering = new SoundNumbering();
  readonly #description = new FrameDescription();
  readonly #background = new Background();
  readonly #playing = { readyMs: 0, isSilent: true };
  #codecs: ReadonlyMap<number, Codec> = new Map();
  #comfortNoise: readonly number[] = [];
  #codec: Codec | undefined;
  #queue = new SoundQueue(DEFAULT_RATE_HZ, 1);
  #origin: Origin = 'made-up';
  #lastPacketMs = FRAME_MS;
  /** Packets until a period is searched for again, behind one in which there was none. */
  #turnsUnstretched = 0;
  #undecodable = 0;
  #undecodableMs = 0;
  #out = new Int16Array(0);
  /** Whether anybody hears what is read: otherwise its length changes as it does in silence, which costs nothing. */
  isHeard = true;
  /** Of what was passed over, in place of sound that is ready. */
  #passedMs = 0;
  #passed: JitterPacket | undefined;
  #decodes = 0;
  #passedPackets = 0;

  constructor(options: VoiceReceiverOptions = {}) {
    this.#buffer = options.buffer ?? new JitterBuffer(options.jitter);
  }

  /** Of the sound that {@link VoiceReceiver.read} gives from now on. */
  get sampleRateHz(): number {
    return this.#queue.sampleRateHz;
  }

  get channels(): 1 | 2 {
    return this.#queue.channels;
  }

  /** Live: packets whose turn passed without their sound; undefined where the buffer keeps no account of them. */
  get losses(): OrderedLosses | undefined {
    return this.#buffer.losses;
  }

  get statistics(): ReceiverStatistics {
    const statistics = this.#buffer.statistics;
    const concealedMs = statistics.concealedMs + this.#undecodableMs;
    return { ...statistics, concealedMs, undecodable: this.#undecodable };
  }

  /** From the arrival of a packet to its turn, about; 0 before the first. */
  get targetDelayMs(): number {
    return this.#buffer.targetDelayMs ?? 0;
  }

  /** From the earliest possible arrival of what was taken last to its turn; 0 before the first. */
  get playedDelayMs(): number {
    return this.#buffer.delayMs ?? 0;
  }

  /** How often a decoder was given a packet, for its own sound or for the copy in it. */
  get decodes(): number {
    return this.#decodes;
  }

  /** Packets whose turn came in {@link VoiceReceiver.passOver}. */
  get passedPackets(): number {
    return this.#passedPackets;
  }

  /** Whether what was decoded last holds nothing but background. */
  get isSilent(): boolean {
    return this.#background.isSilent;
  }

  /**
   * What may come in, by payload type; at any time. Until a packet comes, the first one says what the sound is like.
   *
   * @param comfortNoise - payload types of comfort noise (RFC 3389)
   */
  setCodecs(codecs: ReadonlyMap<number, Codec>, comfortNoise: readonly number[] = []): void {
    this.#codecs = codecs;
    this.#comfortNoise = comfortNoise;
    const all = [...codecs.values()];
    const next = this.#codec && all.includes(this.#codec) ? this.#codec : all[0];
    if (next) this.#adopt(next);
    else this.#codec = undefined;
  }

  /** Takes the sound of a packet as it arrived; its payload is copied. */
  push(now: number, frame: JitterFrame): void {
    const number = this.#numbering.numberOf(frame.ssrc, frame.extendedSequenceNumber);
    const isNoise = this.#comfortNoise.includes(frame.payloadType);
    const codec = this.#codecs.get(frame.payloadType) ?? (isNoise ? 'comfort-noise' : undefined);
    this.#buffer.push(now, this.#description.describe(frame, number, codec));
  }

  /** A packet of the stream came that is no sound, as those of telephone-events: its number is nobody's loss. */
  skip(ssrc: number, extendedSequenceNumber: number): void {
    this.#numbering.skip(ssrc, extendedSequenceNumber);
  }

  /**
   * What is to be heard next, silence or the background's noise where nothing is.
   *
   * @param now - when its first sample plays
   * @returns exactly that much, interleaved, at {@link VoiceReceiver.sampleRateHz}; valid until the next read
   */
  read(now: number, durationMs: number): Int16Array {
    if (this.#passed || this.#passedMs > 0) this.#returnFromPassing(this.#passed);
    for (let steps = 0; steps < MOST_STEPS && this.#queue.lengthMs < durationMs; steps += 1) {
      if (!this.#take(this.#pull(now))) break;
    }
    const wanted = this.#queue.framesOf(durationMs);
    if (this.#queue.length < wanted) this.#fill(wanted - this.#queue.length);
    const length = wanted * this.channels;
    if (this.#out.length !== length) this.#out = new Int16Array(length);
    this.#queue.read(this.#out);
    return this.#out;
  }

  /**
   * Lets time pass in which nobody listens: packets take their turn, and no decoder sees them.
   *
   * @param now - when it begins
   */
  passOver(now: number, durationMs: number, lengthMsOf: LengthMsOf): void {
    this.#passedMs += this.#queue.lengthMs;
    this.#queue.clear();
    for (let steps = 0; steps < MOST_STEPS && this.#passedMs < durationMs; steps += 1) {
      const step = this.#pull(now, true);
      if (step.type === 'nothing' || step.type === 'wait') break;
      if (step.type === 'frame') this.#passedMs += this.#passPacket(step, lengthMsOf);
      else this.#passedMs += step.durationMs;
    }
    this.#passedMs = Math.max(0, this.#passedMs - durationMs);
    this.#origin = 'made-up';
  }

  /**
   * Decodes the packet that was passed over last, so that the decoder goes on from there with the next; what of its sound
   * has not had its time yet is heard.
   */
  #returnFromPassing(packet: JitterPacket | undefined): void {
    const leftMs = this.#passedMs;
    this.#passedMs = 0;
    this.#passed = undefined;
    const codec = packet && this.#codecs.get(packet.payloadType);
    if (codec) this.#adopt(codec);
    if (codec) this.#decodes += 1;
    const pcm = packet && codec?.decode(packet.payload);
    const length = this.#queue.framesOf(leftMs) * this.channels;
    if (pcm instanceof Int16Array && pcm.length >= length)
      this.#append(pcm.slice(pcm.length - length), 'packet');
    else this.#fill(this.#queue.framesOf(leftMs));
  }

  /** Nobody listens, so that the delay may change by whatever it should. @returns how long it took */
  #passPacket({ packet, stretchMs }: FrameStep, lengthMsOf: LengthMsOf): number {
    this.#passedPackets += 1;
    // It stays as it is until another packet takes its turn.
    this.#passed = packet;
    const { payloadType, payload } = packet;
    const lengthMs = this.#codecs.has(payloadType) ? lengthMsOf(payloadType, payload) : this.#lastPacketMs;
    const stretchedMs = Math.max(-lengthMs, stretchMs);
    this.#buffer.handleStretched(stretchedMs);
    return lengthMs + stretchedMs;
  }

  #pull(now: number, isSilent = this.#isSilentOrUnheard): PlayoutStep {
    this.#playing.readyMs = this.#queue.lengthMs + this.#passedMs;
    this.#playing.isSilent = isSilent;
    return this.#buffer.pull(now, this.#playing);
  }

  get #isSilentOrUnheard(): boolean {
    return !this.isHeard || this.#background.isSilent;
  }

  /** @returns false where there is nothing to be heard */
  #take(step: PlayoutStep): boolean {
    if (step.type === 'nothing') return false;
    if (step.type === 'frame') this.#decode(step.packet, step.stretchMs);
    else if (step.type === 'recover') this.#recover(step.packet, step.durationMs);
    else this.#conceal(step.durationMs);
    return true;
  }

  #decode(packet: JitterPacket, stretchMs: number): void {
    if (this.#comfortNoise.includes(packet.payloadType)) return this.#hearNoise(packet.payload);
    const codec = this.#codecs.get(packet.payloadType);
    if (codec) this.#adopt(codec);
    if (codec) this.#decodes += 1;
    const pcm = codec?.decode(packet.payload);
    if (!pcm || pcm instanceof DecodeError) return this.#handleUndecodable();
    if (pcm.length === 0) return;
    this.#append(pcm, 'packet');
    this.#lastPacketMs = this.#lengthMsOf(pcm);
    if (stretchMs !== 0) this.#stretch(stretchMs);
  }

  #hearNoise(payload: Uint8Array): void {
    const noise = decodeComfortNoise(payload);
    if (noise instanceof DecodeError) return this.#handleUndecodable();
    this.#background.adopt(noise);
    this.#fill(this.#queue.framesOf(this.#lastPacketMs));
  }

  #handleUndecodable(): void {
    this.#undecodable += 1;
    this.#undecodableMs += this.#lastPacketMs;
    this.#conceal(this.#lastPacketMs);
  }

  #stretch(wantedMs: number): void {
    if (this.#turnsUnstretched > 0 && Math.abs(wantedMs) < URGENT_STRETCH_MS) {
      this.#turnsUnstretched -= 1;
      return;
    }
    const added = this.#queue.stretchLast(this.#queue.framesOf(wantedMs), this.#isSilentOrUnheard);
    if (added === 0) this.#turnsUnstretched = TURNS_BETWEEN_SEARCHES;
    this.#buffer.handleStretched((added * 1000) / this.sampleRateHz);
  }

  #recover({ payloadType, payload }: JitterPacket, durationMs: number): void {
    const codec = this.#codecs.get(payloadType);
    // A decoder that did not decode the sound before cannot continue it.
    const isSame = codec?.recover !== undefined && codec === this.#codec;
    if (isSame) this.#decodes += 1;
    const pcm = isSame ? codec.recover?.(payload, this.#queue.framesOf(durationMs)) : undefined;
    if (pcm && !(pcm instanceof DecodeError)) return this.#append(pcm, 'packet');
    this.#undecodableMs += durationMs;
    this.#conceal(durationMs);
  }

  #conceal(durationMs: number): void {
    const count = this.#queue.framesOf(durationMs);
    if (count > 0)
      this.#append(this.#codec?.conceal(count) ?? new Int16Array(count * this.channels), 'made-up');
  }

  #fill(frames: number): void {
    this.#append(this.#background.noise(frames, this.channels), 'made-up');
  }

  #append(pcm: Int16Array, origin: Origin): void {
    this.#queue.append(pcm);
    if (origin !== 'packet' || this.#origin !== 'packet') this.#queue.smoothLast();
    if (origin === 'packet') this.#background.measure(pcm, this.#lengthMsOf(pcm));
    this.#origin = origin;
  }

  #lengthMsOf(pcm: Int16Array): number {
    return (pcm.length / this.channels / this.sampleRateHz) * 1000;
  }

  /** Goes on with another codec; what the last one left is brought to its rate and channels. */
  #adopt(codec: Codec): void {
    if (codec === this.#codec) return;
    this.#codec = codec;
    this.#origin = 'made-up';
    const { sampleRateHz, soundChannels = 1 } = codec.description;
    if (sampleRateHz === this.sampleRateHz && soundChannels === this.channels) return;
    this.#queue = this.#queue.convert(sampleRateHz, soundChannels);
  }
}
