// How loud G.722 is, by the step size of its lower band, which a table adapts from each code: nothing is decoded.
import { lowerScale } from '../codec/g722-quantizer.ts';

/** "LOGSCL": the logarithm of the step size forgets by 1/128 a code. */
const KEPT = 32_512;
/** The logarithm has 2048 to an octave. */
const DB_PER_UNIT = (20 * Math.log10(2)) / 2048;
/** What a logarithm of 0 stands for: found by noise of known level. The largest stands for -22. */
const FLOOR_DBOV = -76;

/**
 * Follows what the encoder could not predict. That is some 10 dB below a voice and far below a steady tone, but for its
 * first milliseconds: whoever begins to talk is seen.
 */
export class G722Loudness {
  #logarithm = 0;

  /** @returns the loudest moment of the payload, in dBov, roughly */
  measure(payload: Uint8Array): number {
    let largest = 0;
    const { logarithmSteps, largestLogarithm } = lowerScale;
    for (let i = 0; i < payload.length; i += 1) {
      // Within both by the loop and the mask: four of the lower band's six bits.
      const next = ((this.#logarithm * KEPT) >> 15) + logarithmSteps[(payload[i]! & 63) >> 2]!;
      this.#logarithm = next < 0 ? 0 : next > largestLogarithm ? largestLogarithm : next;
      if (this.#logarithm > largest) largest = this.#logarithm;
    }
    return FLOOR_DBOV + largest * DB_PER_UNIT;
  }
}
