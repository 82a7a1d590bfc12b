// Changes the sample rate of a stream: windowed sinc, polyphase, without a seam between frames.

/** Zero crossings of the sinc on each side: a pass band up to 0.84 of the lower Nyquist frequency. */
const HALF_WIDTH = 32;
const CUTOFF = 0.92;
/** Kaiser window: about 80 dB of stop band. */
const KAISER_BETA = 7.86;

/**
 * One stream from `inputHz` to `outputHz`. The output lags by {@link Resampler.delayMs}; over time it has exactly
 * `outputHz / inputHz` as many samples as the input, and so for each frame where that number is whole.
 */
export class Resampler {
  readonly inputHz: number;
  readonly outputHz: number;
  /** 2 x 32 zero crossings of the lower rate, halved. */
  readonly delayMs: number;
  /** Interpolation by L and decimation by M, in lowest terms. */
  readonly #up: number;
  readonly #down: number;
  readonly #taps: number;
  /** `#up` filters of `#taps` coefficients each. */
  readonly #coefficients: Float64Array;
  /** The last `#taps - 1` inputs, oldest first. */
  #history: Int16Array;
  /** Where the next output lies, in 1/`#up` of an input sample after the first one not yet taken. */
  #position = 0;

  /** Rates in hertz, whole numbers. */
  constructor(inputHz: number, outputHz: number) {
    this.inputHz = inputHz;
    this.outputHz = outputHz;
    const divisor = greatestCommonDivisor(inputHz, outputHz);
    this.#up = outputHz / divisor;
    this.#down = inputHz / divisor;
    const scale = Math.min(1, outputHz / inputHz);
    this.#taps = 2 * Math.ceil(HALF_WIDTH / scale);
    this.delayMs = (this.#taps / 2 / inputHz) * 1000;
    this.#coefficients = designFilters(this.#up, this.#taps, scale);
    this.#history = new Int16Array(this.#taps - 1);
  }

  /** @returns as much as the input allows; the caller's (or the input itself where the rates are the same) */
  process(pcm: Int16Array): Int16Array {
    if (this.#up === this.#down) return pcm;
    const input = new Int16Array(this.#history.length + pcm.length);
    input.set(this.#history);
    input.set(pcm, this.#history.length);
    const end = pcm.length * this.#up;
    const output = new Int16Array(Math.max(0, Math.ceil((end - this.#position) / this.#down)));
    for (let i = 0; i < output.length; i += 1) {
      output[i] = this.#sampleAt(input);
      this.#position += this.#down;
    }
    this.#position -= end;
    this.#history = input.slice(pcm.length);
    return output;
  }

  #sampleAt(input: Int16Array): number {
    const phase = this.#position % this.#up;
    const newest = (this.#position - phase) / this.#up + this.#taps - 1;
    const row = phase * this.#taps;
    let sum = 0;
    // Both indices are within their arrays by the loops' bounds.
    for (let tap = 0; tap < this.#taps; tap += 1)
      sum += this.#coefficients[row + tap]! * input[newest - tap]!;
    return Math.round(Math.max(-32_768, Math.min(32_767, sum)));
  }
}

/** Resamples a whole recording, without the delay and with the length that it should have. */
export function resample(pcm: Int16Array, inputHz: number, outputHz: number): Int16Array {
  if (inputHz === outputHz) return pcm;
  const resampler = new Resampler(inputHz, outputHz);
  const padding = new Int16Array(Math.ceil((resampler.delayMs * inputHz) / 1000));
  const padded = new Int16Array(pcm.length + padding.length);
  padded.set(pcm);
  const late = Math.round((resampler.delayMs * outputHz) / 1000);
  return resampler.process(padded).slice(late, late + Math.round((pcm.length * outputHz) / inputHz));
}

function designFilters(up: number, taps: number, scale: number): Float64Array {
  const coefficients = new Float64Array(up * taps);
  for (let phase = 0; phase < up; phase += 1) {
    const row = coefficients.subarray(phase * taps, (phase + 1) * taps);
    let sum = 0;
    for (let tap = 0; tap < taps; tap += 1) {
      // Distance from the middle of the filter, in input samples.
      const distance = tap + phase / up - taps / 2;
      const value = sinc(distance * scale * CUTOFF) * kaiser(distance / (taps / 2));
      row[tap] = value;
      sum += value;
    }
    // Each phase passes a constant unchanged: otherwise a steady level would get a tone at the rate of the phases.
    for (let tap = 0; tap < taps; tap += 1) row[tap] = (row[tap] ?? 0) / sum;
  }
  return coefficients;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  if (Math.abs(x) >= 1) return 0;
  return besselI0(KAISER_BETA * Math.sqrt(1 - x * x)) / besselI0(KAISER_BETA);
}

/** Modified Bessel function of the first kind, order zero, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
