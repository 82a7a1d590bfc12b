// ITU-T G.722: 7 kHz of sound in 64 kbit/s. Each byte holds two bits of the higher band and six of the lower one.
//
// |IH1 IH2|IL1 IL2 IL3 IL4 IL5 IL6|
import { G722Band, saturate } from './g722-band.ts';
import { G722Filter } from './g722-qmf.ts';
import {
  adaptHigher,
  adaptLower,
  higherDifference,
  higherScale,
  type LowerBits,
  lowerDifference,
  lowerScale,
  quantizeHigher,
  quantizeLower,
} from './g722-quantizer.ts';

/** Turns 16 kHz sound into bytes, two samples each. */
export class G722Encoder {
  readonly #lower = new G722Band(lowerScale);
  readonly #higher = new G722Band(higherScale);
  readonly #filter = new G722Filter();

  /** @returns the caller's; an odd sample at the end is left out */
  encode(pcm: Int16Array): Uint8Array {
    const bytes = new Uint8Array(pcm.length >> 1);
    // Both samples are within the sound: there are two for each byte.
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = this.#encodePair(pcm[2 * i]!, pcm[2 * i + 1]!);
    return bytes;
  }

  #encodePair(first: number, second: number): number {
    this.#filter.take(first, second);
    const { first: sum1, second: sum2 } = this.#filter;
    const lower = quantizeLower(saturate(((sum2 + sum1) >> 14) - this.#lower.prediction), this.#lower.step);
    const higher = quantizeHigher(
      saturate(((sum2 - sum1) >> 14) - this.#higher.prediction),
      this.#higher.step,
    );
    adaptLower(this.#lower, lower);
    adaptHigher(this.#higher, higher);
    return (higher << 6) | lower;
  }
}

/** Turns bytes into 16 kHz sound. */
export class G722Decoder {
  readonly #lower = new G722Band(lowerScale);
  readonly #higher = new G722Band(higherScale);
  readonly #filter = new G722Filter();
  readonly #bits: LowerBits;

  /** @param bits - of each byte that are the lower band's sound; RTP has all six (RFC 3551 §4.5.2) */
  constructor(bits: LowerBits = 6) {
    this.#bits = bits;
  }

  /** @returns the caller's, two samples a byte */
  decode(bytes: Uint8Array): Int16Array {
    const pcm = new Int16Array(2 * bytes.length);
    for (let i = 0; i < bytes.length; i += 1) {
      // Within the bytes by the loop.
      this.#decodePair(bytes[i]!);
      pcm[2 * i] = saturate(this.#filter.second >> 11);
      pcm[2 * i + 1] = saturate(this.#filter.first >> 11);
    }
    return pcm;
  }

  #decodePair(byte: number): void {
    const lower = byte & 63;
    const higher = byte >> 6;
    const heard = lowerDifference(lower >> (6 - this.#bits), this.#lower.step, this.#bits);
    const low = limit(this.#lower.prediction + heard);
    const high = limit(this.#higher.prediction + higherDifference(higher, this.#higher.step));
    adaptLower(this.#lower, lower);
    adaptHigher(this.#higher, higher);
    this.#filter.take(low + high, low - high);
  }
}

/** Blocks 6L and 6H: into 15 bits. */
function limit(value: number): number {
  return value > 16_383 ? 16_383 : value < -16_384 ? -16_384 : value;
}
