// The sound of an Ogg Opus file, decoded as it is read.
import type { AudioSource, OggOpus } from '../audio/index.ts';
import { remix } from '../audio/index.ts';
import type { Codec } from '../codec/index.ts';

/** Opus counts its samples at this rate, whatever it decodes to (RFC 7845 §4). */
const GRANULE_RATE_HZ = 48_000;
/** Of a packet that cannot be decoded, nearly always. */
const PACKET_MS = 20;

export class OpusFileSource implements AudioSource {
  readonly sampleRateHz: number;
  readonly #file: OggOpus;
  /** The source's own until it is closed. */
  readonly #codec: Codec;
  readonly #gain: number;
  #nextPacket = 0;
  #ready: Int16Array = new Int16Array(0);
  /** Decoded samples that are not to be heard, and those that still are. */
  #toSkip: number;
  #toPlay: number;

  constructor(file: OggOpus, codec: Codec) {
    this.#file = file;
    this.#codec = codec;
    this.sampleRateHz = codec.description.sampleRateHz;
    const samplesOf = (granules: number) => Math.round((granules * this.sampleRateHz) / GRANULE_RATE_HZ);
    this.#gain = 10 ** (file.gainDb / 20);
    this.#toSkip = samplesOf(file.preSkipSamples);
    this.#toPlay = file.durationSamples === null ? Number.POSITIVE_INFINITY : samplesOf(file.durationSamples);
  }

  get isEnded(): boolean {
    return this.#toPlay <= 0 || (this.#ready.length === 0 && this.#nextPacket >= this.#file.packets.length);
  }

  read(pcm: Int16Array): void {
    let filled = 0;
    while (filled < pcm.length && !this.isEnded) {
      if (this.#ready.length === 0) this.#decodeNext();
      const part = this.#ready.subarray(0, Math.min(pcm.length - filled, this.#toPlay));
      pcm.set(part, filled);
      filled += part.length;
      this.#toPlay -= part.length;
      this.#ready = this.#ready.subarray(part.length);
    }
    pcm.fill(0, filled);
  }

  close(): void {
    this.#codec.close();
  }

  #decodeNext(): void {
    const { soundChannels = 1 } = this.#codec.description;
    const decoded = this.#codec.decode(this.#file.packets[this.#nextPacket] ?? new Uint8Array(0));
    this.#nextPacket += 1;
    const pcm =
      decoded instanceof Int16Array ? decoded : this.#codec.conceal((this.sampleRateHz * PACKET_MS) / 1000);
    const mono = remix(pcm, soundChannels, 1);
    const skipped = Math.min(this.#toSkip, mono.length);
    this.#toSkip -= skipped;
    this.#ready = this.#gain === 1 ? mono.subarray(skipped) : amplified(mono.subarray(skipped), this.#gain);
  }
}

function amplified(pcm: Int16Array, gain: number): Int16Array {
  return pcm.map((sample) => Math.round(Math.max(-32_768, Math.min(32_767, sample * gain))));
}
