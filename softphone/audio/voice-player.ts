// The receiving side of a call's sound: its receiver, its level, and whoever listens.
import {
  type AudioSink,
  ChannelResampler,
  type Codec,
  type JitterFrame,
  LevelMeter,
  MAX_DELAY_MS,
  MIN_DELAY_MS,
  type OrderedLosses,
  type PlayoutStatistics,
  type ReceiverStatistics,
  remix,
  type Sound,
  VoiceReceiver,
  type VoipMetrics,
} from '../../media/index.ts';

/** How often sound is handed on, in milliseconds. Shorter than packets are: sound waits for half of that on average. */
export const PLAY_MS = 10;

/** Hands on one stream's sound, beat by beat. A live view of what its buffer did. */
export class VoicePlayer implements PlayoutStatistics {
  readonly meter = new LevelMeter();
  readonly #receiver = new VoiceReceiver();
  readonly #listeners: Listener[] = [];

  /** What may come in, by payload type. The player does not own the codecs. */
  setCodecs(codecs: ReadonlyMap<number, Codec>, comfortNoise?: readonly number[]): void {
    this.#receiver.setCodecs(codecs, comfortNoise);
  }

  /** The player does not own its listeners. */
  addListener(sink: AudioSink): void {
    this.#listeners.push(new Listener(sink));
  }

  /** Takes a packet's sound as it arrived; the payload is copied. */
  push(now: number, frame: JitterFrame): void {
    this.#receiver.push(now, frame);
  }

  /** A packet came that is no sound. */
  skip(ssrc: number, extendedSequenceNumber: number): void {
    this.#receiver.skip(ssrc, extendedSequenceNumber);
  }

  /** Plays {@link PLAY_MS}: silence where nothing is there to be played. */
  play(now: number): void {
    const sound = this.#receiver.read(now, PLAY_MS);
    const { sampleRateHz, channels } = this.#receiver;
    this.meter.measure(remix(sound, channels, 1));
    for (const listener of this.#listeners) listener.write({ pcm: sound, sampleRateHz, channels });
  }

  get statistics(): ReceiverStatistics {
    return this.#receiver.statistics;
  }

  get discarded(): number {
    const { late, duplicate, overflowed, undecodable } = this.#receiver.statistics;
    return late + duplicate + overflowed + undecodable;
  }

  get recovered(): number {
    return this.#receiver.statistics.recovered;
  }

  get delayMs(): number | null {
    return this.#receiver.statistics.delayMs;
  }

  get losses(): OrderedLosses | undefined {
    return this.#receiver.losses;
  }

  get buffer(): VoipMetrics['jitterBuffer'] {
    return {
      isAdaptive: true,
      nominalMs: this.#receiver.statistics.targetDelayMs ?? MIN_DELAY_MS,
      maximumMs: MAX_DELAY_MS,
      absoluteMaximumMs: MAX_DELAY_MS,
    };
  }
}

/** A sink with its own rate and channels. */
class Listener {
  readonly #sink: AudioSink;
  #resampler: ChannelResampler | undefined;

  constructor(sink: AudioSink) {
    this.#sink = sink;
  }

  write(sound: Sound): void {
    const { sampleRateHz, channels = 1 } = this.#sink;
    const pcm = remix(sound.pcm, sound.channels, channels);
    const inputHz = sound.sampleRateHz;
    if (inputHz === sampleRateHz) return this.#sink.write(pcm);
    if (this.#resampler?.inputHz !== inputHz) {
      this.#resampler = new ChannelResampler(inputHz, sampleRateHz, channels);
    }
    this.#sink.write(this.#resampler.process(pcm));
  }
}
