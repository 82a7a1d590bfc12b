// Changes the sample rate of a stream: windowed sinc, polyphase, without a seam between frames.

/** Zero crossings of the sinc on each side: a pass band up to 0.84 of the lower Nyquist frequency. */
const HALF_WIDTH = 32;
const CUTOFF = 0.92;
/** Kaiser window: about 80 dB of stop band. */
const KAISER_BETA = 7.86;

/** The filter from one rate to another, which all streams between them share. */
interface PolyphaseFilter {
  /** Interpolation by `up` and decimation by `down`, in lowest terms. */
  readonly up: number;
  readonly down: number;
  readonly taps: number;
  /** One row of `taps` coefficients for each of `up` phases, for the oldest sample first. */
  readonly rows: readonly Float64Array[];
}

/**
 * One stream from `inputHz` to `outputHz`. The output lags by {@link Resampler.delayMs}; over time it has exactly
 * `outputHz / inputHz` as many samples as the input, and so for each frame where that number is whole. Up to 0.84 of
 * the lower Nyquist frequency the level is right to 0.1 dB; what the lower rate cannot carry is 60 dB down.
 */
export class Resampler {
  readonly inputHz: number;
  readonly outputHz: number;
  /** 2 x 32 zero crossings of the lower rate, halved. */
  readonly delayMs: number;
  readonly #filter: PolyphaseFilter;
  /** The last `taps - 1` inputs, oldest first, and behind them what is being taken. */
  #samples: Float64Array;
  /** Where the next output lies: so many inputs after the first one not yet taken, and so many phases after that. */
  #ahead = 0;
  #phase = 0;
  /** So many of the last inputs were silent. */
  #silentFor = 0;

  /** Rates in hertz, whole numbers. */
  constructor(inputHz: number, outputHz: number) {
    this.inputHz = inputHz;
    this.outputHz = outputHz;
    this.#filter = filterFor(inputHz, outputHz);
    this.delayMs = (this.#filter.taps / 2 / inputHz) * 1000;
    this.#samples = new Float64Array(this.#filter.taps - 1);
    this.#silentFor = this.#filter.taps - 1;
  }

  /** @returns as much as the input allows; the caller's (or the input itself where the rates are the same) */
  process(pcm: Int16Array): Int16Array {
    const { up, down, taps } = this.#filter;
    if (up === down) return pcm;
    const samples = this.#append(pcm);
    const due = Math.ceil(((pcm.length - this.#ahead) * up - this.#phase) / down);
    const output = new Int16Array(Math.max(0, due));
    // Most of what a room resamples is silence: of that comes silence, without a look at each row.
    if (this.#isSilent(pcm)) this.#skip(output.length);
    else this.#convolve(output, samples);
    this.#ahead -= pcm.length;
    samples.copyWithin(0, pcm.length, pcm.length + taps - 1);
    return output;
  }

  #convolve(output: Int16Array, samples: Float64Array): void {
    const { up, down, rows } = this.#filter;
    for (let i = 0; i < output.length; i += 1) {
      // The phase is below `up`: there is a row for each.
      output[i] = saturated(convolved(rows[this.#phase]!, samples, this.#ahead));
      this.#phase += down;
      while (this.#phase >= up) {
        this.#phase -= up;
        this.#ahead += 1;
      }
    }
  }

  /** Goes on by so many outputs. */
  #skip(outputs: number): void {
    const { up, down } = this.#filter;
    const phase = this.#phase + outputs * down;
    this.#phase = phase % up;
    this.#ahead += Math.floor(phase / up);
  }

  /** Whether the input and all that the filter still sees before it is silence. */
  #isSilent(pcm: Int16Array): boolean {
    const history = this.#filter.taps - 1;
    const wasSilent = this.#silentFor >= history;
    let end = pcm.length;
    while (end > 0 && pcm[end - 1] === 0) end -= 1;
    this.#silentFor = end === 0 ? Math.min(history, this.#silentFor + pcm.length) : pcm.length - end;
    return wasSilent && end === 0;
  }

  /** Puts the input behind the history; makes room only where a frame is longer than all before. */
  #append(pcm: Int16Array): Float64Array {
    const history = this.#filter.taps - 1;
    if (this.#samples.length < history + pcm.length) {
      const longer = new Float64Array(history + pcm.length);
      longer.set(this.#samples.subarray(0, history));
      this.#samples = longer;
    }
    this.#samples.set(pcm, history);
    return this.#samples;
  }
}

function convolved(row: Float64Array, samples: Float64Array, start: number): number {
  let even = 0;
  let odd = 0;
  // Rows have an even number of taps, and so many samples follow `start`. Two sums need not wait for each other.
  for (let tap = 0; tap < row.length; tap += 2) {
    even += row[tap]! * samples[start + tap]!;
    odd += row[tap + 1]! * samples[start + tap + 1]!;
  }
  return even + odd;
}

function saturated(value: number): number {
  return value >= 32_767 ? 32_767 : value <= -32_768 ? -32_768 : Math.round(value);
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

const filters = new Map<string, PolyphaseFilter>();
/** Pairs of rates that are kept. Calls have a dozen; a file may have any rate, and is asked for once. */
const MAX_FILTERS = 64;

function filterFor(inputHz: number, outputHz: number): PolyphaseFilter {
  const divisor = greatestCommonDivisor(inputHz, outputHz);
  const [up, down] = [outputHz / divisor, inputHz / divisor];
  const key = `${up}/${down}`;
  const filter = filters.get(key) ?? designFilter(up, down);
  if (filters.size < MAX_FILTERS) filters.set(key, filter);
  return filter;
}

function designFilter(up: number, down: number): PolyphaseFilter {
  const scale = Math.min(1, up / down);
  const taps = 2 * Math.ceil(HALF_WIDTH / scale);
  const rows = Array.from({ length: up }, (_, phase) => designRow(phase / up, taps, scale));
  return { up, down, taps, rows };
}

/** @param fraction - of an input sample by which the output lies behind the newest input */
function designRow(fraction: number, taps: number, scale: number): Float64Array {
  const row = Float64Array.from({ length: taps }, (_, i) => {
    // Distance from the middle of the filter, in input samples.
    const distance = taps / 2 - 1 - i + fraction;
    return sinc(distance * scale * CUTOFF) * kaiser(distance / (taps / 2));
  });
  // Each phase passes a constant unchanged: otherwise a steady level would get a tone at the rate of the phases.
  const sum = row.reduce((total, value) => total + value, 0);
  return row.map((value) => value / sum);
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
