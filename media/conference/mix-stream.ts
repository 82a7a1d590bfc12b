// One encoding of a mix, for all who hear it in the same format: frames of the format's length, aligned in time for all
// streams of that length, so that a listener may change from one to another between two packets.
import { ChannelResampler } from '../audio/index.ts';
import type { Codec } from '../codec/index.ts';
import { type SendingAdvice, tuneEncoder } from '../resilience/index.ts';
import { KEPT_MIX_BEATS, type Mix } from './mix.ts';
import { sharedAdvice } from './shared-advice.ts';
import { ROOM_BEAT_MS, ROOM_RATE_HZ } from './types.ts';

/** Packets begin at whole multiples of this. */
export const SLOT_MS = 10;
const SLOTS_A_BEAT = ROOM_BEAT_MS / SLOT_MS;

/** What an encoder hears before it takes over: it looks ahead by a third of a packet. */
const WARMING_FRAMES = 2;
/** Of its usual bitrate, for a frame that builds on none before: it then sounds like the others. */
const BEGINNING_BITRATE_RATIO = 1.3;

export interface MixStreamOptions {
  /** Whoever made it closes it. */
  readonly encoder: Codec;
  /** A multiple of {@link SLOT_MS}. */
  readonly ptimeMs: number;
}

/** Takes each packet that a beat completes. @param slot - at which its sound begins */
export type TakePayload = (slot: number, payload: Uint8Array) => void;

export class MixStream {
  readonly #encoder: Codec;
  readonly #slotsAFrame: number;
  readonly #channels: 1 | 2;
  #resampler: ChannelResampler | undefined;
  /** One frame of the format, and how much of it is there. */
  readonly #frame: Int16Array;
  #filled = 0;
  /** At which the next frame begins; undefined where the stream rests. */
  #nextSlot: number | undefined;
  #lastBeat = Number.NEGATIVE_INFINITY;
  #encodes = 0;
  #standsAlone = false;
  #advice: SendingAdvice = { bitrateRatio: 1, expectedLossRatio: 0, redLevel: 0 };

  constructor({ encoder, ptimeMs }: MixStreamOptions) {
    const { sampleRateHz, soundChannels = 1 } = encoder.description;
    this.#encoder = encoder;
    this.#slotsAFrame = ptimeMs / SLOT_MS;
    this.#channels = soundChannels;
    this.#frame = new Int16Array(((sampleRateHz * ptimeMs) / 1000) * soundChannels);
  }

  get encoder(): Codec {
    return this.#encoder;
  }

  /** Frames that were encoded, those that only warmed the encoder included. */
  get encodes(): number {
    return this.#encodes;
  }

  get channels(): 1 | 2 {
    return this.#channels;
  }

  /** Whether it encoded the beat before this one. */
  isWarm(beat: number): boolean {
    return this.#lastBeat === beat - 1;
  }

  /** Follows what the reports of its listeners ask for. */
  follow(listeners: readonly SendingAdvice[]): void {
    const advice = sharedAdvice(this.#advice, listeners);
    if (advice === this.#advice) return;
    this.#advice = advice;
    tuneEncoder(this.#encoder, advice);
  }

  /** Somebody hears the next frame who heard another stream before: it shall not build on what was not heard. */
  beginAnew(): void {
    this.#standsAlone = true;
  }

  /** Goes on after a rest, in which there was silence. */
  resume(): void {
    this.#nextSlot = undefined;
  }

  /** Goes on after a rest: first hears the last beats of the mix, so that what it says next follows on what was heard. */
  warm(beat: number, from: Mix): void {
    this.#nextSlot = undefined;
    this.#resampler = undefined;
    const frames = WARMING_FRAMES * Math.ceil(this.#slotsAFrame / SLOTS_A_BEAT);
    for (let ago = Math.min(KEPT_MIX_BEATS, frames); ago > 0; ago -= 1) {
      this.feed(beat - ago, from.beat(ago), ignore);
    }
  }

  /**
   * Takes one beat.
   *
   * @param pcm - of the room's rate, interleaved, with the encoder's channels
   */
  feed(beat: number, pcm: Int16Array, take: TakePayload): void {
    this.#lastBeat = beat;
    const sound = this.#resample(pcm);
    let at = 0;
    if (this.#nextSlot === undefined) {
      const slot = Math.ceil((beat * SLOTS_A_BEAT) / this.#slotsAFrame) * this.#slotsAFrame;
      const missed = slot - beat * SLOTS_A_BEAT;
      // The frame that this beat is within began before it.
      if (missed >= SLOTS_A_BEAT) return;
      at = (sound.length / SLOTS_A_BEAT) * missed;
      this.#nextSlot = slot;
      this.#filled = 0;
    }
    while (at < sound.length) at = this.#fill(sound, at, take);
  }

  #fill(sound: Int16Array, at: number, take: TakePayload): number {
    const frame = this.#frame;
    const count = Math.min(sound.length - at, frame.length - this.#filled);
    if (count === frame.length && count === sound.length) {
      this.#encode(sound, take);
      return sound.length;
    }
    frame.set(sound.subarray(at, at + count), this.#filled);
    this.#filled += count;
    if (this.#filled === frame.length) this.#encode(frame, take);
    return at + count;
  }

  #encode(frame: Int16Array, take: TakePayload): void {
    const slot = this.#nextSlot ?? 0;
    this.#nextSlot = slot + this.#slotsAFrame;
    this.#filled = 0;
    this.#encodes += 1;
    const standsAlone = this.#standsAlone;
    this.#standsAlone = false;
    if (standsAlone) this.#tune(false, BEGINNING_BITRATE_RATIO);
    const payload = this.#encoder.encode(frame);
    if (standsAlone) this.#tune(true, 1);
    take(slot, payload);
  }

  #tune(prediction: boolean, bitrateRatio: number): void {
    const { usualBitrateBps } = this.#encoder;
    if (usualBitrateBps === undefined) return;
    const bitrateBps = Math.round(usualBitrateBps * this.#advice.bitrateRatio * bitrateRatio);
    this.#encoder.tune?.({ prediction, bitrateBps });
  }

  #resample(pcm: Int16Array): Int16Array {
    const { sampleRateHz } = this.#encoder.description;
    if (sampleRateHz === ROOM_RATE_HZ) return pcm;
    this.#resampler ??= new ChannelResampler(ROOM_RATE_HZ, sampleRateHz, this.#channels);
    return this.#resampler.process(pcm);
  }
}

function ignore(): void {}
