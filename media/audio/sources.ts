// Sources that need nothing from outside: silence, tones, sound in memory, and one at another rate.
import { ChannelResampler } from './channel-resampler.ts';
import { remix } from './remix.ts';
import type { AudioSource, Sound } from './types.ts';

/** Nothing, for ever. */
export class SilenceSource implements AudioSource {
  readonly sampleRateHz: number;
  readonly isEnded = false;

  constructor(sampleRateHz = 8000) {
    this.sampleRateHz = sampleRateHz;
  }

  read(pcm: Int16Array): void {
    pcm.fill(0);
  }
}

/** A quarter of full scale, -12 dBov for a square wave of that height and -15 dBov for the sine. */
const TONE_PEAK = 8192;

/** A sine for ever, without a step between frames. */
export class ToneSource implements AudioSource {
  readonly sampleRateHz: number;
  readonly isEnded = false;
  readonly #turnsPerSample: number;
  #turns = 0;

  constructor(frequencyHz: number, sampleRateHz = 48_000) {
    this.sampleRateHz = sampleRateHz;
    this.#turnsPerSample = frequencyHz / sampleRateHz;
  }

  read(pcm: Int16Array): void {
    for (let i = 0; i < pcm.length; i += 1) {
      pcm[i] = Math.round(TONE_PEAK * Math.sin(2 * Math.PI * this.#turns));
      this.#turns = (this.#turns + this.#turnsPerSample) % 1;
    }
  }
}

/** Sound in memory, once, mixed to as many channels as are asked for as it is read; then silence. */
export class SoundSource implements AudioSource {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly #sound: Sound;
  /** In samples of all channels. */
  #position = 0;

  constructor(sound: Sound, channels: 1 | 2 = 1) {
    this.sampleRateHz = sound.sampleRateHz;
    this.channels = channels;
    this.#sound = sound;
  }

  get isEnded(): boolean {
    const { pcm, channels } = this.#sound;
    return this.#position > pcm.length - channels;
  }

  read(pcm: Int16Array): void {
    const { channels, pcm: all } = this.#sound;
    const end = this.#position + (pcm.length / this.channels) * channels;
    const next = remix(all.subarray(this.#position, end), channels, this.channels);
    pcm.set(next);
    pcm.fill(0, next.length);
    this.#position = Math.min(end, all.length);
  }
}

/** Another source at the rate that is asked for. */
export class ResampledSource implements AudioSource {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly #source: AudioSource;
  readonly #resampler: ChannelResampler;
  /** What the resampler gave and nobody has read yet: less than one block. */
  #ready: Int16Array = new Int16Array(0);

  constructor(source: AudioSource, sampleRateHz: number) {
    this.sampleRateHz = sampleRateHz;
    this.#source = source;
    this.channels = source.channels ?? 1;
    this.#resampler = new ChannelResampler(source.sampleRateHz, sampleRateHz, this.channels);
  }

  get isEnded(): boolean {
    return this.#source.isEnded;
  }

  read(pcm: Int16Array): void {
    let filled = 0;
    while (filled < pcm.length) {
      if (this.#ready.length === 0) this.#refill(pcm.length - filled);
      const part = this.#ready.subarray(0, pcm.length - filled);
      pcm.set(part, filled);
      filled += part.length;
      this.#ready = this.#ready.subarray(part.length);
    }
  }

  #refill(wanted: number): void {
    const frames = (wanted * this.#source.sampleRateHz) / (this.sampleRateHz * this.channels);
    const block = new Int16Array(this.channels * Math.max(1, Math.floor(frames)));
    this.#source.read(block);
    this.#ready = this.#resampler.process(block);
  }
}

/** The source itself where it has the rate already. */
export function atRate(source: AudioSource, sampleRateHz: number): AudioSource {
  return source.sampleRateHz === sampleRateHz ? source : new ResampledSource(source, sampleRateHz);
}
