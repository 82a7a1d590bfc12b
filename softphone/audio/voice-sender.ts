// The sending side of a call's sound: source, mute, level, encoder.
import { type AudioSource, atRate, type Codec, FRAME_MS, LevelMeter } from '../../media/index.ts';

/** One frame each beat. The codec may change mid-call; the source goes on where it was. */
export class VoiceSender {
  readonly meter = new LevelMeter();
  isMuted = false;
  readonly #source: AudioSource;
  #codec: Codec | undefined;
  #resampled: AudioSource | undefined;
  #frame = new Int16Array(0);

  constructor(source: AudioSource) {
    this.#source = source;
  }

  /** The sender does not own the codec. */
  setCodec(codec: Codec | undefined): void {
    this.#codec = codec;
    if (!codec) return;
    const { sampleRateHz } = codec.description;
    if (this.#resampled?.sampleRateHz !== sampleRateHz) this.#resampled = atRate(this.#source, sampleRateHz);
    this.#frame = new Int16Array((sampleRateHz * FRAME_MS) / 1000);
  }

  /** The next payload; undefined without a codec. A muted sender goes on reading, and sends silence. */
  next(): Uint8Array | undefined {
    if (!this.#codec || !this.#resampled) return undefined;
    this.#resampled.read(this.#frame);
    if (this.isMuted) this.#frame.fill(0);
    this.meter.measure(this.#frame);
    return this.#codec.encode(this.#frame);
  }
}
