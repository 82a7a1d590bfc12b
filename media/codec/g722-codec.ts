// G.722 as a codec of a call.
import { G722Decoder, G722Encoder } from './g722.ts';
import { PitchConcealment } from './pitch-concealment.ts';
import type { Codec, CodecDescription } from './types.ts';

/** RFC 3551 §4.5.2: SDP and timestamps say 8000 by an old mistake; the sound has 16000 samples a second. */
export const g722Description: CodecDescription = {
  encoding: 'g722',
  payloadType: 9,
  clockRateHz: 8000,
  channels: 1,
  sampleRateHz: 16_000,
};

/** G.722 at 64 kbit/s. Its concealment delays the decoded sound by 3.75 ms. */
export class G722Codec implements Codec {
  readonly description: CodecDescription;
  readonly #encoder = new G722Encoder();
  readonly #decoder = new G722Decoder();
  readonly #concealment = new PitchConcealment(g722Description.sampleRateHz);

  constructor(description: CodecDescription = g722Description) {
    this.description = description;
  }

  encode(pcm: Int16Array): Uint8Array {
    return this.#encoder.encode(pcm);
  }

  decode(payload: Uint8Array): Int16Array {
    const pcm = this.#decoder.decode(payload);
    this.#concealment.receive(pcm);
    return pcm;
  }

  conceal(sampleCount: number): Int16Array {
    return this.#concealment.conceal(sampleCount);
  }

  close(): void {}
}
