// One direction of a call whose parties share no sound format: decoded through a jitter buffer, encoded anew on a beat.
import { remix } from '../audio/remix.ts';
import { Resampler } from '../audio/resampler.ts';
import type { Codec } from '../codec/index.ts';
import type { PayloadFormat } from '../engine/types.ts';
import { type Conversion, isComfortNoise, type Leg, type PacketOutcome } from '../leg/index.ts';
import { type FedReceiver, PacketFeed } from '../receiver/packet-feed.ts';
import { type SendingAdvice, tuneEncoder } from '../resilience/index.ts';
import type { ConversionPlan } from './conversion-plan.ts';
import { EventTranslator } from './event-translator.ts';
import { missedMs, PacketStream } from './packet-stream.ts';

/** A sender that is silent for longer (hold, DTX) is not waited for: its next packet starts the beat anew. */
const IDLE_MS = 1000;
/** Sound is withheld while digits come, of which there is a packet every 20 or 50 ms. */
const DIGIT_GAP_MS = 60;

/** The part of a `VoiceReceiver` that a transcoder needs. */
export interface SoundReceiver extends FedReceiver {
  readonly sampleRateHz: number;
  readonly channels: number;
  read(now: number, durationMs: number): Int16Array;
}

export interface TranscoderOptions {
  readonly plan: ConversionPlan;
  readonly to: Leg;
  readonly receiver: SoundReceiver;
  /** Of the sound formats that come, by payload type. The transcoder's own from now on, like the encoder. */
  readonly decoders: ReadonlyMap<number, Codec>;
  readonly encoder: Codec;
  /** The beat began: {@link Transcoder.nextTimeoutAt} has changed. */
  onStarted(transcoder: Transcoder): void;
  /** Nothing is sent any more. */
  onClosed(transcoder: Transcoder): void;
}

export class Transcoder implements Conversion {
  readonly #options: TranscoderOptions;
  readonly #stream: PacketStream;
  readonly #clockRatesHz: ReadonlyMap<number, number>;
  readonly #feed: PacketFeed;
  readonly #events: EventTranslator | undefined;
  #resampler: Resampler | undefined;
  #advice: SendingAdvice | undefined;
  /** Undefined while nothing comes. */
  #nextAt: number | undefined;
  #lastPacketAt = 0;
  #quietUntil = Number.NEGATIVE_INFINITY;

  constructor(options: TranscoderOptions) {
    const { plan, to, receiver, decoders } = options;
    this.#options = options;
    this.#stream = new PacketStream(to);
    this.#clockRatesHz = new Map(plan.from.map((format) => [format.payloadType, format.clockRateHz]));
    this.#events = plan.toEvents && new EventTranslator(plan.from, plan.toEvents);
    const comfortNoise = plan.from.filter(isComfortNoise).map(({ payloadType }) => payloadType);
    this.#feed = new PacketFeed({ receiver, decoders, comfortNoise, clockRatesHz: this.#clockRatesHz });
  }

  handlePacket(now: number, packet: Uint8Array, offset: number, isRedundant = false): PacketOutcome {
    if (!this.#feed.push(now, packet, offset, isRedundant)) return this.#handleEvent(now, packet, offset);
    this.#lastPacketAt = now;
    if (this.#nextAt === undefined) this.#start(now);
    return 'consumed';
  }

  /** Of sound that the plan does not convert: two sounds in one stream would be none. */
  handlePlain(payloadType: number): void {
    if (!this.#clockRatesHz.has(payloadType)) this.#nextAt = undefined;
  }

  nextTimeoutAt(): number | undefined {
    return this.#nextAt;
  }

  handleTimeout(now: number): void {
    const { ptimeMs, to } = this.#options.plan;
    if (this.#nextAt === undefined) return;
    if (now - this.#lastPacketAt > IDLE_MS) {
      this.#nextAt = undefined;
      return;
    }
    this.#follow(this.#stream.to.advice);
    const payload = this.#options.encoder.encode(this.#read(now, ptimeMs));
    if (!this.#stream.to.isPlaying && now >= this.#quietUntil) {
      this.#stream.sendSound(now, to.payloadType, payload);
    }
    this.#advance(now, ptimeMs, to);
  }

  close(): void {
    this.#nextAt = undefined;
    this.#options.encoder.close();
    for (const decoder of this.#options.decoders.values()) decoder.close();
    this.#options.onClosed(this);
  }

  #start(now: number): void {
    this.#nextAt = now + this.#options.plan.ptimeMs;
    // What was not sent meanwhile has passed in the party's time all the same.
    this.#stream.to.interrupt();
    this.#options.onStarted(this);
  }

  #advance(now: number, ptimeMs: number, to: PayloadFormat): void {
    const planned = (this.#nextAt ?? now) + ptimeMs;
    const behindMs = missedMs(now, planned);
    this.#nextAt = planned + behindMs;
    this.#stream.advance(Math.round(((ptimeMs + behindMs) * to.clockRateHz) / 1000));
  }

  /** The party's loss decides on FEC and bitrate, of an encoder that has them. */
  #follow(advice: SendingAdvice): void {
    if (advice === this.#advice) return;
    this.#advice = advice;
    tuneEncoder(this.#options.encoder, advice);
  }

  #read(now: number, durationMs: number): Int16Array {
    const { receiver, encoder } = this.#options;
    const { sampleRateHz, soundChannels = 1 } = encoder.description;
    const sound = receiver.read(now, durationMs);
    const mono = remix(sound, receiver.channels, 1);
    if (this.#resampler?.inputHz !== receiver.sampleRateHz)
      this.#resampler = new Resampler(receiver.sampleRateHz, sampleRateHz);
    return remix(this.#resampler.process(mono), 1, soundChannels);
  }

  #handleEvent(now: number, packet: Uint8Array, offset: number): PacketOutcome {
    const event = this.#events?.translate(packet, offset, this.#stream.timestamp);
    // A digit for a party that takes no events: call control was told, and finds another way.
    if (!event) return 'consumed';
    this.#quietUntil = now + DIGIT_GAP_MS;
    this.#lastPacketAt = now;
    if (this.#nextAt === undefined) this.#start(now);
    this.#stream.sendEvent(now, event);
    return 'consumed';
  }
}
