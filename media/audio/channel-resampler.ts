// Changes the sample rate of sound with several channels.
import { Resampler } from './resampler.ts';

/** One {@link Resampler} a channel, over interleaved sound. */
export class ChannelResampler {
  readonly inputHz: number;
  readonly outputHz: number;
  readonly channels: number;
  readonly #resamplers: readonly Resampler[];

  constructor(inputHz: number, outputHz: number, channels: number) {
    this.inputHz = inputHz;
    this.outputHz = outputHz;
    this.channels = channels;
    this.#resamplers = Array.from({ length: channels }, () => new Resampler(inputHz, outputHz));
  }

  /** @returns as {@link Resampler.process}, interleaved */
  process(pcm: Int16Array): Int16Array {
    const { channels } = this;
    const [first] = this.#resamplers;
    if (channels === 1 && first) return first.process(pcm);
    const one = new Int16Array(pcm.length / channels);
    let output: Int16Array | undefined;
    for (const [channel, resampler] of this.#resamplers.entries()) {
      for (let frame = 0; frame < one.length; frame += 1) one[frame] = pcm[frame * channels + channel] ?? 0;
      const done = resampler.process(one);
      // All channels advance alike.
      output ??= new Int16Array(done.length * channels);
      for (let frame = 0; frame < done.length; frame += 1)
        output[frame * channels + channel] = done[frame] ?? 0;
    }
    return output ?? new Int16Array(0);
  }
}
