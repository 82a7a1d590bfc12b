// From a sum of voices to 16 bit: nothing below half of full scale is touched, and nothing above leaves it.
import { OVERLOAD } from './block.ts';

/** -6 dBov of peak: the voices of one or two talkers after automatic gain stay below. */
const KNEE = OVERLOAD / 2;
const MOST = OVERLOAD - 1;
/** The gain is decided anew so often in a block: every 1.25 ms at 20 ms. */
const PARTS = 16;
/** The envelope stays at a peak for half the period of the lowest voice, then falls by 1 dB in 12 ms: no gain within a cycle. */
const HOLD_PARTS = 8;
const FALL = 10 ** (-1 / 20 / 10);

/**
 * Soft limiter of one mix. It scales by an envelope instead of bending the wave, so that two talkers at full scale
 * stay clean; all channels by the same, so that nobody moves. Where a peak comes with the first samples of a block,
 * which the block before could not know, the wave itself is bent for 1.25 ms.
 */
export class Limiter {
  readonly #channels: number;
  #envelope = 0;
  #hold = 0;
  #gain = 1;

  /** @param channels - 1, or 2 for interleaved stereo */
  constructor(channels = 1) {
    this.#channels = channels;
  }

  /** The gain with which the last block ended: 1 where nothing was limited. */
  get gain(): number {
    return this.#gain;
  }

  /** Goes on from where another one stands. */
  adopt(other: Limiter): void {
    this.#envelope = other.#envelope;
    this.#hold = other.#hold;
    this.#gain = other.#gain;
  }

  /**
   * @param sum - 20 ms, of any height; stays as it is
   * @param output - of the same length
   */
  process(sum: Float32Array, output: Int16Array): void {
    if (this.#isIdle && peakOf(sum, 0, sum.length) <= KNEE) {
      // Within both by the caller.
      for (let i = 0; i < sum.length; i += 1) output[i] = rounded(sum[i]!);
      return;
    }
    const part = Math.floor(sum.length / this.#channels / PARTS) * this.#channels;
    let peak = peakOf(sum, 0, part);
    for (let start = 0, index = 1; index <= PARTS; start += part, index += 1) {
      const end = index === PARTS ? sum.length : start + part;
      const next = index === PARTS ? 0 : peakOf(sum, end, index === PARTS - 1 ? sum.length : end + part);
      this.#follow(peak);
      this.#write(sum, output, start, end, Math.max(this.#envelope, next));
      peak = next;
    }
  }

  /** Whether only what is above the knee would change anything. */
  get #isIdle(): boolean {
    return this.#gain === 1 && this.#envelope <= KNEE;
  }

  #follow(peak: number): void {
    if (peak >= this.#envelope) {
      this.#envelope = peak;
      this.#hold = HOLD_PARTS;
    } else if (this.#hold > 0) {
      this.#hold -= 1;
    } else {
      this.#envelope = Math.max(peak, this.#envelope * FALL);
    }
  }

  #write(sum: Float32Array, output: Int16Array, start: number, end: number, height: number): void {
    const before = this.#gain;
    this.#gain = gainFor(height);
    if (before === 1 && this.#gain === 1) {
      // Within both by the caller, here and below.
      for (let i = start; i < end; i += 1) output[i] = rounded(sum[i]!);
      return;
    }
    const step = (this.#gain - before) / (end - start);
    const target = this.#gain * height;
    let gain = before;
    for (let i = start; i < end; i += 1) {
      gain += step;
      output[i] = rounded(bent(sum[i]! * gain, target));
    }
  }
}

function peakOf(sum: Float32Array, start: number, end: number): number {
  let peak = 0;
  for (let i = start; i < end; i += 1) {
    const height = Math.abs(sum[i]!);
    if (height > peak) peak = height;
  }
  return peak;
}

function gainFor(envelope: number): number {
  return envelope <= KNEE ? 1 : curve(envelope) / envelope;
}

/** The knee: as it is up to half, and from there nearer and nearer to full scale, without a corner. */
function curve(height: number): number {
  return KNEE + (MOST - KNEE) * (1 - Math.exp((KNEE - height) / (MOST - KNEE)));
}

/** What is higher than where the gain goes to: only where the gain came too late. */
function bent(sample: number, target: number): number {
  if (sample > target) return MOST - (MOST - target) * Math.exp((target - sample) / (MOST - target));
  if (sample < -target) return (MOST - target) * Math.exp((target + sample) / (MOST - target)) - MOST;
  return sample;
}

/** As Math.round, and faster; into 16 bit, a NaN becomes silence. */
function rounded(sample: number): number {
  return Math.floor(sample + 0.5);
}
