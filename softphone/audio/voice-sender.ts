// The sending side of a call's sound: source, mute, level, encoder.
import {
  type AudioSource,
  atRate,
  type Codec,
  FRAME_MS,
  LevelMeter,
  remix,
  type SendingAdvice,
  tuneEncoder,
  VoiceFloor,
} from '../../media/index.ts';

/** One frame each beat. The codec may change mid-call; the source goes on where it was. */
export class VoiceSender {
  readonly meter = new LevelMeter();
  isMuted = false;
  readonly #floor = new VoiceFloor();
  #isVoice = false;
  #frameMs = FRAME_MS;
  readonly #source: AudioSource;
  #codec: Codec | undefined;
  #resampled: AudioSource | undefined;
  /** One frame of the source. */
  #frame = new Int16Array(0);
  #soundChannels: 1 | 2 = 1;
  /** What the far end's reports advise; undefined before the first. */
  #advice: SendingAdvice | undefined;

  constructor(source: AudioSource) {
    this.#source = source;
  }

  /**
   * The sender does not own the codec.
   *
   * @param frameMs - length of each frame: 10 to 60, one that the codec can make
   */
  setCodec(codec: Codec | undefined, frameMs: number = FRAME_MS): void {
    this.#codec = codec;
    this.#frameMs = frameMs;
    if (!codec) return;
    this.#tune();
    const { sampleRateHz, soundChannels = 1 } = codec.description;
    const { channels = 1 } = this.#source;
    this.#soundChannels = soundChannels;
    if (this.#resampled?.sampleRateHz !== sampleRateHz) this.#resampled = atRate(this.#source, sampleRateHz);
    this.#frame = new Int16Array((channels * sampleRateHz * frameMs) / 1000);
  }

  /** Of the frame that was sent last. */
  get level(): { readonly levelDbov: number; readonly isVoice: boolean } {
    return { levelDbov: this.meter.current, isVoice: this.#isVoice };
  }

  /** Brings the encoder, and any later one, to what the far end's reports advise. */
  follow(advice: SendingAdvice): void {
    this.#advice = advice;
    this.#tune();
  }

  /**
   * The next payload, empty for silence that is not sent; undefined without a codec. A muted sender goes on reading, and
   * sends silence.
   */
  next(): Uint8Array | undefined {
    if (!this.#codec || !this.#resampled) return undefined;
    this.#resampled.read(this.#frame);
    if (this.isMuted) this.#frame.fill(0);
    this.meter.measure(this.#frame);
    this.#isVoice = this.#floor.isVoice(this.meter.current, this.#frameMs);
    return this.#codec.encode(remix(this.#frame, this.#source.channels ?? 1, this.#soundChannels));
  }

  #tune(): void {
    if (this.#codec && this.#advice) tuneEncoder(this.#codec, this.#advice);
  }
}
