// PCMU and PCMA as codecs of a call.
import { aLaw, decodeG711, encodeG711, muLaw } from './g711.ts';
import { PitchConcealment } from './pitch-concealment.ts';
import type { Codec, CodecDescription } from './types.ts';

/** RFC 3551 §6: the static payload types. */
export const pcmuDescription: CodecDescription = {
  encoding: 'pcmu',
  payloadType: 0,
  clockRateHz: 8000,
  channels: 1,
  sampleRateHz: 8000,
};

export const pcmaDescription: CodecDescription = { ...pcmuDescription, encoding: 'pcma', payloadType: 8 };

/** G.711 with the concealment of its appendix I, which delays the decoded sound by 3.75 ms. */
export class G711Codec implements Codec {
  readonly description: CodecDescription;
  readonly #concealment = new PitchConcealment();

  constructor(description: CodecDescription) {
    this.description = description;
  }

  encode(pcm: Int16Array): Uint8Array {
    return encodeG711(this.#law, pcm);
  }

  decode(payload: Uint8Array): Int16Array {
    const pcm = decodeG711(this.#law, payload);
    this.#concealment.receive(pcm);
    return pcm;
  }

  conceal(sampleCount: number): Int16Array {
    return this.#concealment.conceal(sampleCount);
  }

  close(): void {}

  get #law() {
    return this.description.encoding === 'pcma' ? aLaw : muLaw;
  }
}
