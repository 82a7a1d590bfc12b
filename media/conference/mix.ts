// What some listeners hear: a sum of voices in float, brought within 16 bits, with its last beats kept.
import { Limiter } from './limiter.ts';
import { ROOM_BEAT_MS, ROOM_RATE_HZ } from './types.ts';

/** Sample frames of one beat. */
export const BEAT_FRAMES = (ROOM_RATE_HZ * ROOM_BEAT_MS) / 1000;
/** Beats that are kept: two of the longest packets. */
export const KEPT_MIX_BEATS = 6;

export class Mix {
  readonly channels: 1 | 2;
  /** To be filled, interleaved, in the scale of 16-bit samples. */
  readonly sum: Float32Array;
  readonly #history: readonly Int16Array[];
  readonly #limiter: Limiter;
  #index = 0;
  #isFresh = true;
  #wasForgotten = true;

  constructor(channels: 1 | 2) {
    this.channels = channels;
    this.#limiter = new Limiter(channels);
    this.sum = new Float32Array(BEAT_FRAMES * channels);
    this.#history = Array.from({ length: KEPT_MIX_BEATS + 1 }, () => new Int16Array(BEAT_FRAMES * channels));
  }

  /** The beat that was finished so many beats ago; 0 is the last one. Valid for {@link KEPT_MIX_BEATS} beats. */
  beat(ago: number): Int16Array {
    const count = this.#history.length;
    // Within the history by the modulus.
    return this.#history[(this.#index + count - ago) % count] as Int16Array;
  }

  /** Makes a beat of what was summed. @returns it; valid for {@link KEPT_MIX_BEATS} beats */
  finish(): Int16Array {
    this.#index = (this.#index + 1) % this.#history.length;
    this.#isFresh = this.#wasForgotten;
    this.#wasForgotten = false;
    const pcm = this.beat(0);
    this.#limiter.process(this.sum, pcm);
    return pcm;
  }

  /** Goes on as loud as another mix, of which this one becomes a part. */
  follow(other: Mix): void {
    this.#limiter.adopt(other.#limiter);
  }

  /** Whether there was silence before the last beat. */
  get isFresh(): boolean {
    return this.#isFresh;
  }

  /** There was silence. */
  forget(): void {
    this.#wasForgotten = true;
    for (const beat of this.#history) beat.fill(0);
  }
}
