// Finds by how much a piece of sound may be shifted and still be like itself: a voice's pitch period, or several.

/** The coarse search is done at this rate: what tells a voice's period lies well below 4 kHz. */
const COARSE_RATE_HZ = 8000;
/** From here on two windows count as the same sound. Voices reach 0.95 and more, hiss stays under 0.5. */
const LEAST_CORRELATION = 0.9;

/** Everything in sample frames: a frame is one sample of each channel. */
export interface PeriodSearch {
  /** Where the window starts that is compared with itself further on or back. */
  readonly start: number;
  readonly length: number;
  /** 1 to compare it with what comes later, -1 with what came earlier. */
  readonly direction: 1 | -1;
  readonly shortest: number;
  /** The window shifted that far must lie within the samples. */
  readonly longest: number;
}

/** Keeps scratch memory, and no state from one search to the next. */
export class PeriodFinder {
  readonly #channels: number;
  /** Frames that become one sample of the coarse search. */
  readonly #decimation: number;
  #coarse = new Float32Array(0);

  /** @param sampleRateHz - 8000 or a multiple of it */
  constructor(sampleRateHz: number, channels: number) {
    this.#channels = channels;
    this.#decimation = Math.max(1, Math.round(sampleRateHz / COARSE_RATE_HZ));
  }

  /**
   * @param samples - interleaved
   * @returns the shift, in frames, at which the window is most like itself; 0 where it is not alike anywhere
   */
  find(samples: Int16Array, search: PeriodSearch): number {
    const { direction, shortest, longest } = search;
    if (longest < shortest) return 0;
    const middle = this.#findCoarse(samples, search) * this.#decimation;
    const channels = this.#channels;
    let best = 0;
    let bestCorrelation = LEAST_CORRELATION;
    const last = Math.min(longest, middle + this.#decimation - 1);
    for (let lag = Math.max(shortest, middle - this.#decimation + 1); lag <= last; lag += 1) {
      const other = search.start + direction * lag;
      const alike = correlation(samples, search.start * channels, other * channels, search.length * channels);
      if (alike < bestCorrelation) continue;
      best = lag;
      bestCorrelation = alike;
    }
    return best;
  }

  #findCoarse(samples: Int16Array, { start, length, direction, shortest, longest }: PeriodSearch): number {
    const step = this.#decimation;
    const farthest = Math.floor(longest / step);
    const before = direction < 0 ? farthest : 0;
    const count = Math.floor(length / step);
    this.#decimate(samples, start - before * step, count + farthest);
    let best = farthest;
    let bestCorrelation = Number.NEGATIVE_INFINITY;
    for (let lag = Math.min(farthest, Math.ceil(shortest / step)); lag <= farthest; lag += 1) {
      const alike = correlation(this.#coarse, before, before + direction * lag, count);
      // Of equals the shortest: the search goes upwards.
      if (alike <= bestCorrelation) continue;
      best = lag;
      bestCorrelation = alike;
    }
    return best;
  }

  /** Means of all channels over a few frames: a crude low pass, and enough for a search that is refined later. */
  #decimate(samples: Int16Array, start: number, count: number): void {
    const width = this.#decimation * this.#channels;
    if (this.#coarse.length < count) this.#coarse = new Float32Array(count);
    let at = start * this.#channels;
    for (let i = 0; i < count; i += 1) {
      let sum = 0;
      for (const end = at + width; at < end; at += 1) sum += samples[at] ?? 0;
      this.#coarse[i] = sum;
    }
  }
}

/** Normalised, from -1 to 1; 0 where one of the two is nothing but zeros. */
function correlation(samples: Int16Array | Float32Array, a: number, b: number, length: number): number {
  let product = 0;
  let energyA = 0;
  let energyB = 0;
  for (let i = 0; i < length; i += 1) {
    const x = samples[a + i] ?? 0;
    const y = samples[b + i] ?? 0;
    product += x * y;
    energyA += x * x;
    energyB += y * y;
  }
  return product === 0 ? 0 : product / Math.sqrt(energyA * energyB);
}
