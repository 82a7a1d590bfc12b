// A codec and a jitter buffer whose every word is known beforehand.
import { DecodeError } from '../../../../core/index.ts';
import type { Codec, CodecDescription } from '../../../../media/index.ts';
import type {
  JitterFrame,
  JitterStatistics,
  PlayingState,
  PlayoutStep,
} from '../../../../media/jitter/types.ts';
import type { PlayoutTiming } from '../../../../media/receiver/index.ts';

export const BAD = 255;
export const MADE_UP = -1;
export const FROM_COPY = 1000;

/** Its payload is one number: that is the value of every sample. With {@link BAD} it fails. */
export class FlatCodec implements Codec {
  readonly description: CodecDescription;
  readonly #durationMs: number;
  recovered = 0;

  constructor(description: CodecDescription, durationMs = 20) {
    this.description = description;
    this.#durationMs = durationMs;
  }

  encode(pcm: Int16Array): Uint8Array {
    return Uint8Array.of(Math.abs(pcm[0] ?? 0) & 0xff);
  }

  decode([value = 0]: Uint8Array): Int16Array | DecodeError {
    if (value === BAD) return new DecodeError('BAD', 'payload', 'bad');
    return this.#flat((this.#durationMs * this.description.sampleRateHz) / 1000, value);
  }

  hasFec([value = 0]: Uint8Array): boolean {
    return value % 2 === 1;
  }

  recover([value = 0]: Uint8Array, sampleCount: number): Int16Array {
    this.recovered += 1;
    return this.#flat(sampleCount, FROM_COPY + value);
  }

  conceal(sampleCount: number): Int16Array {
    return this.#flat(sampleCount, MADE_UP);
  }

  close(): void {}

  #flat(frames: number, value: number): Int16Array {
    return new Int16Array(frames * (this.description.soundChannels ?? 1)).fill(value);
  }
}

const NOTHING: PlayoutStep = { type: 'nothing' };

/** Plays what it is told to, and keeps what it was asked. */
export class ScriptedBuffer implements PlayoutTiming {
  readonly pushed: JitterFrame[] = [];
  readonly asked: PlayingState[] = [];
  readonly stretched: number[] = [];
  readonly statistics = NO_STATISTICS;
  readonly targetDelayMs = null;
  readonly delayMs = null;
  readonly #steps: PlayoutStep[];

  constructor(steps: readonly PlayoutStep[]) {
    this.#steps = [...steps];
  }

  get left(): number {
    return this.#steps.length;
  }

  push(_now: number, frame: JitterFrame): void {
    // The frame is filled anew for the next packet.
    this.pushed.push({ ...frame });
  }

  pull(_now: number, playing: PlayingState): PlayoutStep {
    this.asked.push({ ...playing });
    return this.#steps.shift() ?? NOTHING;
  }

  handleStretched(ms: number): void {
    this.stretched.push(ms);
  }
}

export const packetOf = (value: number, payloadType = 0) => ({
  payloadType,
  payload: Uint8Array.of(value),
  timestamp: 0,
  extendedSequenceNumber: 0,
});

export const frame = (value: number, payloadType = 0, stretchMs = 0): PlayoutStep => ({
  type: 'frame',
  packet: packetOf(value, payloadType),
  stretchMs,
});

const NO_STATISTICS: JitterStatistics = {
  received: 0,
  played: 0,
  late: 0,
  lost: 0,
  recovered: 0,
  duplicate: 0,
  reordered: 0,
  overflowed: 0,
  concealedMs: 0,
  stretchedMs: 0,
  compressedMs: 0,
  targetDelayMs: null,
  delayMs: null,
  clockDriftPpm: null,
};
