// L16 as a codec of a call: sound as it is, in network byte order (RFC 3551 §4.5.11).
import { DecodeError } from '../../core/index.ts';
import { PitchConcealment } from './pitch-concealment.ts';
import type { Codec, CodecDescription } from './types.ts';

/** A rate of L16 that has concealment here. */
export type L16Rate = 8000 | 16_000 | 24_000 | 32_000 | 48_000;

/** The static types of RFC 3551 are at 44.1 kHz, which no phone uses: ours is dynamic. */
const PAYLOAD_TYPE = 118;
const BYTES = 2;

/** L16 at one rate; two channels are interleaved, the left one first (RFC 3551 §4.1). */
export function describeL16(sampleRateHz: L16Rate = 16_000, channels: 1 | 2 = 1): CodecDescription {
  return {
    encoding: 'l16',
    payloadType: PAYLOAD_TYPE,
    clockRateHz: sampleRateHz,
    channels,
    sampleRateHz,
    soundChannels: channels,
  };
}

/** L16 of one or two channels, each with a concealment of its own, which delays the decoded sound by 3.75 ms. */
export class L16Codec implements Codec {
  readonly description: CodecDescription;
  readonly #concealments: readonly PitchConcealment[];

  constructor(description: CodecDescription = describeL16()) {
    this.description = description;
    const { sampleRateHz, soundChannels = 1 } = description;
    this.#concealments = Array.from({ length: soundChannels }, () => new PitchConcealment(sampleRateHz));
  }

  encode(pcm: Int16Array): Uint8Array {
    const payload = new Uint8Array(BYTES * pcm.length);
    // Within the sound by the loop.
    for (let i = 0; i < pcm.length; i += 1) {
      payload[BYTES * i] = pcm[i]! >> 8;
      payload[BYTES * i + 1] = pcm[i]!;
    }
    return payload;
  }

  decode(payload: Uint8Array): Int16Array | DecodeError {
    const frameBytes = BYTES * this.#concealments.length;
    if (payload.length % frameBytes !== 0) {
      const reason = `${payload.length} bytes are no whole number of samples of ${frameBytes} bytes`;
      return new DecodeError('L16_CUT', 'payload', reason, payload.length);
    }
    const pcm = new Int16Array(payload.length / BYTES);
    // Both bytes are within the payload: it has two for each sample.
    for (let i = 0; i < pcm.length; i += 1) pcm[i] = (payload[BYTES * i]! << 8) | payload[BYTES * i + 1]!;
    this.#eachChannel(pcm, (concealment, channel) => {
      concealment.receive(channel);
      return channel;
    });
    return pcm;
  }

  conceal(sampleCount: number): Int16Array {
    const pcm = new Int16Array(sampleCount * this.#concealments.length);
    this.#eachChannel(pcm, (concealment, channel) => concealment.conceal(channel.length));
    return pcm;
  }

  close(): void {}

  /** Replaces each channel of `pcm` by what `replace` makes of it. */
  #eachChannel(pcm: Int16Array, replace: (concealment: PitchConcealment, channel: Int16Array) => Int16Array) {
    const channels = this.#concealments.length;
    for (const [offset, concealment] of this.#concealments.entries()) {
      const channel = new Int16Array(pcm.length / channels);
      // All indices are within both arrays by the loops.
      for (let i = 0; i < channel.length; i += 1) channel[i] = pcm[channels * i + offset]!;
      const replaced = replace(concealment, channel);
      for (let i = 0; i < channel.length; i += 1) pcm[channels * i + offset] = replaced[i]!;
    }
  }
}
