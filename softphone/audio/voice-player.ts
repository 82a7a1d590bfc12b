// The receiving side of a call's sound: decoders, concealment, level, and whoever listens.
import { DecodeError } from '../../core/index.ts';
import {
  type AudioSink,
  type Codec,
  FRAME_MS,
  LevelMeter,
  type PlayoutStep,
  Resampler,
} from '../../media/index.ts';

/** A frame is never longer than 120 ms (RFC 6716 §3.4): more pulls than this mean empty frames. */
const MOST_PULLS = 16;

/** Keeps the sound of one beat ready for each listener. Packets may be of any length. */
export class VoicePlayer {
  readonly meter = new LevelMeter();
  readonly #codecs = new Map<number, Codec>();
  readonly #listeners: Listener[] = [];
  #current: Codec | undefined;
  /** Sound at the rate of the current codec that no beat has taken yet. */
  #ready: Int16Array = new Int16Array(0);
  #lastFrameSamples = 0;
  #undecodable = 0;

  /** Payloads that no decoder took. */
  get undecodable(): number {
    return this.#undecodable;
  }

  /** What may come in, by payload type. The player does not own the codecs. */
  setCodecs(codecs: ReadonlyMap<number, Codec>): void {
    this.#codecs.clear();
    for (const [payloadType, codec] of codecs) this.#codecs.set(payloadType, codec);
    if (this.#current && ![...codecs.values()].includes(this.#current)) this.#current = undefined;
  }

  /** The player does not own its listeners. */
  addListener(sink: AudioSink): void {
    this.#listeners.push(new Listener(sink));
  }

  /** Plays 20 ms: silence where nothing is there to be played. */
  play(pull: () => PlayoutStep): void {
    for (let pulls = 0; this.#ready.length < this.#wanted && pulls < MOST_PULLS; pulls += 1) {
      const step = pull();
      if (step.type === 'nothing') break;
      const pcm = step.type === 'frame' ? this.#decode(step) : this.#conceal();
      this.#ready = joined(this.#ready, pcm);
    }
    const frame = new Int16Array(this.#wanted);
    frame.set(this.#ready.subarray(0, frame.length));
    this.#ready = this.#ready.subarray(Math.min(frame.length, this.#ready.length));
    this.meter.measure(frame);
    for (const listener of this.#listeners) listener.write(frame, this.#rateHz);
  }

  get #rateHz(): number {
    return this.#current?.description.sampleRateHz ?? this.#firstRateHz;
  }

  get #firstRateHz(): number {
    const [first] = this.#codecs.values();
    return first?.description.sampleRateHz ?? 8000;
  }

  get #wanted(): number {
    return (this.#rateHz * FRAME_MS) / 1000;
  }

  #decode({
    payloadType,
    payload,
  }: {
    readonly payloadType: number;
    readonly payload: Uint8Array;
  }): Int16Array {
    const codec = this.#codecs.get(payloadType);
    if (!codec) {
      this.#undecodable += 1;
      return new Int16Array(0);
    }
    this.#switchTo(codec);
    const pcm = codec.decode(payload);
    if (pcm instanceof DecodeError) {
      this.#undecodable += 1;
      return this.#conceal();
    }
    if (pcm.length > 0) this.#lastFrameSamples = pcm.length;
    return pcm;
  }

  /** A far end may change its codec from packet to packet: what is left of the other rate is dropped. */
  #switchTo(codec: Codec): void {
    if (codec === this.#current) return;
    const oldRateHz = this.#rateHz;
    this.#current = codec;
    this.#lastFrameSamples = 0;
    if (this.#rateHz !== oldRateHz) this.#ready = new Int16Array(0);
  }

  #conceal(): Int16Array {
    const length = this.#lastFrameSamples || this.#wanted;
    return this.#current?.conceal(length) ?? new Int16Array(length);
  }
}

/** A sink with its own rate. */
class Listener {
  readonly #sink: AudioSink;
  #resampler: Resampler | undefined;

  constructor(sink: AudioSink) {
    this.#sink = sink;
  }

  write(pcm: Int16Array, rateHz: number): void {
    const { sampleRateHz } = this.#sink;
    if (rateHz === sampleRateHz) return this.#sink.write(pcm);
    if (this.#resampler?.inputHz !== rateHz) this.#resampler = new Resampler(rateHz, sampleRateHz);
    this.#sink.write(this.#resampler.process(pcm));
  }
}

function joined(a: Int16Array, b: Int16Array): Int16Array {
  if (a.length === 0) return b;
  const both = new Int16Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
