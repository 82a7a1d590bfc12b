// A first playout buffer: a fixed delay, frames in order, everything that it throws away counted.

import type { JitterFrame } from '../jitter/types.ts';
import type { PlayoutStatistics } from '../quality/index.ts';

/** How long the first frame waits, so that its successors may be late. */
export const PLAYOUT_DELAY_MS = 60;
/** Frames that are kept at most; what comes on top is thrown away, the oldest first. */
const MAX_FRAMES = 16;
/** A gap wider than this is no loss but another stream (RFC 3550 A.1 knows the same by MAX_DROPOUT). */
const MAX_GAP = 100;
/** Concealed in a row before the buffer waits for sound anew. */
const MAX_CONCEALED = 5;
/** Pulls after which a buffer that was never near empty gives up a frame of its delay. */
const TRIM_PULLS = 150;
const TRIM_SPARE_FRAMES = 3;
/** Weight of the newest frame in the delay that is reported. */
const DELAY_GAIN = 1 / 16;

/** What to play next. */
export type PlayoutStep =
  | { readonly type: 'frame'; readonly payloadType: number; readonly payload: Uint8Array }
  /** A packet that should be there is not. */
  | { readonly type: 'lost' }
  /** Nothing is expected: before the first packet, or while the far end is silent. */
  | { readonly type: 'nothing' };

interface Waiting {
  readonly sequence: number;
  readonly payloadType: number;
  readonly payload: Uint8Array;
  readonly arrivedAt: number;
}

const LOST: PlayoutStep = { type: 'lost' };
const NOTHING: PlayoutStep = { type: 'nothing' };

export class PlayoutBuffer implements PlayoutStatistics {
  /** By sequence number. */
  #waiting: Waiting[] = [];
  #ssrc: number | undefined;
  #nextSequence: number | undefined;
  #isPlaying = false;
  #concealed = 0;
  #discarded = 0;
  #delayMs: number | null = null;
  #leastDepth = Number.POSITIVE_INFINITY;
  #pulls = 0;

  /** Frames that arrived and were never played: late, doubled, or too many. */
  get discarded(): number {
    return this.#discarded;
  }

  get delayMs(): number | null {
    return this.#delayMs;
  }

  /** Takes a frame as it arrived; its payload is copied. */
  push(_now: number, frame: JitterFrame): void {
    if (frame.ssrc !== this.#ssrc || this.#isOtherStream(frame.extendedSequenceNumber))
      this.#restart(frame.ssrc);
    const sequence = frame.extendedSequenceNumber;
    const isLate = this.#nextSequence !== undefined && sequence < this.#nextSequence;
    if (isLate || this.#waiting.some((other) => other.sequence === sequence)) {
      this.#discarded += 1;
      return;
    }
    const { payloadType, payload, arrivedAt } = frame;
    const at = this.#waiting.findLastIndex((other) => other.sequence < sequence) + 1;
    this.#waiting.splice(at, 0, { sequence, payloadType, payload: payload.slice(), arrivedAt });
    if (this.#waiting.length > MAX_FRAMES) this.#dropOldest();
  }

  /** The next frame to decode. Call as often as sound is needed. */
  pull(now: number): PlayoutStep {
    const first = this.#waiting[0];
    if (!this.#isPlaying) {
      if (!first || now - first.arrivedAt < PLAYOUT_DELAY_MS) return NOTHING;
      this.#isPlaying = true;
      this.#nextSequence = first.sequence;
    }
    this.#trim();
    const next = this.#waiting[0];
    if (!next) return this.#underrun();
    if (next.sequence !== this.#nextSequence) return this.#conceal();
    return this.#play(now, next);
  }

  #play(now: number, frame: Waiting): PlayoutStep {
    this.#waiting.shift();
    this.#nextSequence = frame.sequence + 1;
    this.#concealed = 0;
    const delayMs = now - frame.arrivedAt;
    this.#delayMs = this.#delayMs === null ? delayMs : this.#delayMs + DELAY_GAIN * (delayMs - this.#delayMs);
    return { type: 'frame', payloadType: frame.payloadType, payload: frame.payload };
  }

  #conceal(): PlayoutStep {
    this.#nextSequence = (this.#nextSequence ?? 0) + 1;
    return LOST;
  }

  /** Nothing is there: late, for a moment; then the far end is silent, and the delay is built up anew. */
  #underrun(): PlayoutStep {
    this.#concealed += 1;
    if (this.#concealed <= MAX_CONCEALED) return LOST;
    this.#isPlaying = false;
    this.#concealed = 0;
    return NOTHING;
  }

  /** A buffer that always has frames to spare only adds delay: drift, or a burst that has passed. */
  #trim(): void {
    this.#leastDepth = Math.min(this.#leastDepth, this.#waiting.length);
    this.#pulls += 1;
    if (this.#pulls < TRIM_PULLS) return;
    if (this.#leastDepth > PLAYOUT_DELAY_MS / 20 + TRIM_SPARE_FRAMES) this.#dropOldest();
    this.#pulls = 0;
    this.#leastDepth = Number.POSITIVE_INFINITY;
  }

  #dropOldest(): void {
    const dropped = this.#waiting.shift();
    if (!dropped) return;
    this.#discarded += 1;
    if (this.#nextSequence !== undefined && dropped.sequence >= this.#nextSequence) {
      this.#nextSequence = dropped.sequence + 1;
    }
  }

  #isOtherStream(sequence: number): boolean {
    const next = this.#nextSequence;
    return next !== undefined && Math.abs(sequence - next) > MAX_GAP;
  }

  #restart(ssrc: number): void {
    this.#discarded += this.#waiting.length;
    this.#waiting = [];
    this.#ssrc = ssrc;
    this.#nextSequence = undefined;
    this.#isPlaying = false;
    this.#concealed = 0;
  }
}
