// ITU-T G.722: the predictor and the step size of one sub-band, which encoder and decoder adapt alike.

/** What a code adds to the logarithm of the step size ("LOGSCL", "LOGSCH"), and where that ends. */
export interface BandScale {
  /** By the code's bits that every mode carries: four of the lower band, two of the higher. */
  readonly logarithmSteps: Int16Array;
  readonly largestLogarithm: number;
  /** Octaves from the table of {@link exponential} to the step size. */
  readonly shift: number;
  readonly initialStep: number;
}

const POLE_2_LARGEST = 12_288;
const POLE_1_LARGEST = 15_360;
const ZEROS = 6;

/** "ILB": the 32 values of 2^(i/32) that turn the logarithm of a step size into the step size. */
const exponential = Int16Array.from({ length: 32 }, (_, i) => Math.round(2048 * 2 ** (i / 32)));

/** One sub-band's state. All numbers are the integers of the recommendation, saturated to 16 bits where it says so. */
export class G722Band {
  /** Scale of the quantizer now: "DETL" and "DETH". */
  step: number;
  /** What the next sample is expected to be: "SL" and "SH". */
  prediction = 0;
  readonly #scale: BandScale;
  #logarithm = 0;
  /** Share of the prediction that the zeros make. */
  #zeroPart = 0;
  #pole1 = 0;
  #pole2 = 0;
  /** Reconstructed signals one sample and two before. */
  #signal1 = 0;
  /** Partially reconstructed signals, the zeros' part and the difference, one sample and two before. */
  #partial1 = 0;
  #partial2 = 0;
  readonly #zeros = new Int16Array(ZEROS);
  readonly #differences = new Int16Array(ZEROS);

  constructor(scale: BandScale) {
    this.#scale = scale;
    this.step = scale.initialStep;
  }

  /**
   * Takes one sample's code, in the bits that every mode carries.
   *
   * @param code - index into the scale's `logarithmSteps`
   * @param difference - what the code says between the sample and its prediction
   */
  adapt(code: number, difference: number): void {
    const signal = saturate(this.prediction + difference);
    const partial = saturate(this.#zeroPart + difference);
    this.#adaptStep(code);
    this.#adaptPoles(partial);
    this.#adaptZeros(difference);
    this.#partial2 = this.#partial1;
    this.#partial1 = partial;
    const poles =
      ((this.#pole1 * saturate(2 * signal)) >> 15) + ((this.#pole2 * saturate(2 * this.#signal1)) >> 15);
    this.#signal1 = signal;
    this.prediction = saturate(saturate(poles) + this.#zeroPart);
  }

  /** Blocks 3L and 3H. */
  #adaptStep(code: number): void {
    const { logarithmSteps, largestLogarithm, shift } = this.#scale;
    const logarithm = ((this.#logarithm * 127) >> 7) + (logarithmSteps[code] ?? 0);
    this.#logarithm = Math.max(0, Math.min(largestLogarithm, logarithm));
    const octaves = shift - (this.#logarithm >> 11);
    const value = exponential[(this.#logarithm >> 6) & 31] ?? 0;
    this.step = (octaves < 0 ? value << -octaves : value >> octaves) << 2;
  }

  /** "UPPOL2" and "UPPOL1" of blocks 4L and 4H: by the signs of the partially reconstructed signals. */
  #adaptPoles(partial: number): void {
    const sameAs1 = (partial ^ this.#partial1) >= 0;
    const sameAs2 = (partial ^ this.#partial2) >= 0;
    const leak = saturate(4 * this.#pole1);
    const pole2 =
      (saturate(sameAs1 ? -leak : leak) >> 7) + (sameAs2 ? 128 : -128) + ((this.#pole2 * 32_512) >> 15);
    this.#pole2 = Math.max(-POLE_2_LARGEST, Math.min(POLE_2_LARGEST, pole2));
    // The poles stay within the triangle in which the filter is stable.
    const bound = POLE_1_LARGEST - this.#pole2;
    const pole1 = ((this.#pole1 * 32_640) >> 15) + (sameAs1 ? 192 : -192);
    this.#pole1 = Math.max(-bound, Math.min(bound, pole1));
  }

  /** "UPZERO", the delay line and "FILTEZ" of blocks 4L and 4H, the oldest first. */
  #adaptZeros(difference: number): void {
    const zeros = this.#zeros;
    const differences = this.#differences;
    const gain = difference === 0 ? 0 : 128;
    let sum = 0;
    // The indices are within both arrays by the loop.
    for (let i = ZEROS - 1; i >= 0; i -= 1) {
      const isSame = (difference ^ differences[i]!) >= 0;
      const zero = saturate(((zeros[i]! * 32_640) >> 15) + (isSame ? gain : -gain));
      const newer = i === 0 ? difference : differences[i - 1]!;
      zeros[i] = zero;
      differences[i] = newer;
      sum += (zero * saturate(2 * newer)) >> 15;
    }
    this.#zeroPart = saturate(sum);
  }
}

/** Into 16 bits. */
export function saturate(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}
