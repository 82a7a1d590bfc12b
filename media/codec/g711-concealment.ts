// Packet loss concealment for G.711 (ITU-T G.711 appendix I): repeat the last pitch period, and fade.

// G.711 I.2: all in samples at 8 kHz.
const BLOCK = 80;
const PITCH_MIN = 40;
const PITCH_MAX = 120;
const OVERLAP_MAX = PITCH_MAX >> 2;
const HISTORY = 3 * PITCH_MAX + OVERLAP_MAX;
const CORRELATION = 160;
const DECIMATION = 2;
const CORRELATION_MIN_POWER = 250;
/** A longer erasure gets a longer cross-fade into what arrives again. */
const OVERLAP_STEP = 32;
const FADE_PER_BLOCK = 0.2;
/** From here on (60 ms of loss) there is silence. */
const SILENT_AFTER_BLOCKS = 5;

/**
 * Keeps the recent past of one stream and makes up what is missing. Everything comes out
 * {@link CONCEALMENT_DELAY_SAMPLES} later than it went in, so that the start of an erasure can still be smoothed.
 */
export class G711Concealment {
  readonly #history = new Int16Array(HISTORY);
  readonly #pitchBuffer = new Float64Array(HISTORY);
  /** The last quarter wavelength before the erasure, for the cross-fade at the seam of each repetition. */
  readonly #lastQuarter = new Float64Array(OVERLAP_MAX);
  #erasedBlocks = 0;
  #pitch = 0;
  #overlap = 0;
  /** Samples at the end of the pitch buffer that are repeated. */
  #repeated = 0;
  #offset = 0;

  /** Takes sound that arrived, and replaces it by what is to be played. Changes `pcm` in place. */
  receive(pcm: Int16Array): void {
    for (let start = 0; start < pcm.length; start += BLOCK) {
      const block = pcm.subarray(start, start + BLOCK);
      if (this.#erasedBlocks > 0) this.#fadeIn(block);
      this.#pass(block);
    }
  }

  /** Makes up sound for what did not arrive. */
  conceal(sampleCount: number): Int16Array {
    const pcm = new Int16Array(sampleCount);
    for (let start = 0; start < sampleCount; start += BLOCK) this.#fill(pcm.subarray(start, start + BLOCK));
    return pcm;
  }

  #fill(block: Int16Array): void {
    if (this.#erasedBlocks === 0) {
      this.#startErasure();
      this.#repeat(block);
    } else if (this.#erasedBlocks > SILENT_AFTER_BLOCKS) {
      block.fill(0);
    } else {
      if (this.#erasedBlocks <= 2) this.#lengthenPitch(block);
      else this.#repeat(block);
      this.#fade(block);
    }
    this.#erasedBlocks += 1;
    this.#pass(block);
  }

  #startErasure(): void {
    const buffer = this.#pitchBuffer;
    buffer.set(this.#history);
    this.#pitch = findPitch(buffer);
    this.#overlap = this.#pitch >> 2;
    this.#lastQuarter.set(buffer.subarray(HISTORY - this.#overlap));
    this.#offset = 0;
    this.#repeated = this.#pitch;
    this.#smoothSeam();
    this.#history.set(Int16Array.from(buffer.subarray(HISTORY - this.#overlap)), HISTORY - this.#overlap);
  }

  /** G.711 I.2.4: a second and a third period, so that a long erasure does not buzz. */
  #lengthenPitch(block: Int16Array): void {
    const tail = new Int16Array(this.#overlap);
    const offset = this.#offset;
    this.#repeat(tail);
    this.#offset = offset % this.#pitch === 0 && offset > 0 ? this.#pitch : offset % this.#pitch;
    this.#repeated += this.#pitch;
    this.#smoothSeam();
    this.#repeat(block);
    crossFade(tail, block.slice(0, this.#overlap), block, Math.min(this.#overlap, block.length));
  }

  /** Blends the end of the buffer with what precedes the repeated part, so that its end meets its beginning. */
  #smoothSeam(): void {
    const start = HISTORY - this.#repeated - this.#overlap;
    const before = this.#pitchBuffer.slice(start, start + this.#overlap);
    crossFade(this.#lastQuarter, before, this.#pitchBuffer.subarray(HISTORY - this.#overlap), this.#overlap);
  }

  #repeat(out: Int16Array): void {
    const start = HISTORY - this.#repeated;
    for (let i = 0; i < out.length; i += 1) {
      out[i] = this.#pitchBuffer[start + this.#offset] ?? 0;
      this.#offset += 1;
      if (this.#offset >= this.#repeated) this.#offset = 0;
    }
  }

  #fade(block: Int16Array): void {
    let gain = 1 - (this.#erasedBlocks - 1) * FADE_PER_BLOCK;
    for (let i = 0; i < block.length; i += 1) {
      block[i] = Math.trunc((block[i] ?? 0) * gain);
      gain = gain - FADE_PER_BLOCK / BLOCK;
    }
  }

  /** Cross-fades from the made-up sound into the first that arrived after an erasure. */
  #fadeIn(block: Int16Array): void {
    const wanted = this.#overlap + (this.#erasedBlocks - 1) * OVERLAP_STEP;
    const length = Math.min(wanted, BLOCK, block.length);
    const madeUp = new Int16Array(length);
    this.#repeat(madeUp);
    const gain = Math.max(0, 1 - (this.#erasedBlocks - 1) * FADE_PER_BLOCK);
    crossFade(madeUp, block.slice(0, length), block, length, gain);
    this.#erasedBlocks = 0;
  }

  /** Puts a block into the history, and the sound of {@link CONCEALMENT_DELAY_SAMPLES} before into its place. */
  #pass(block: Int16Array): void {
    const length = block.length;
    this.#history.copyWithin(0, length);
    this.#history.set(block, HISTORY - length);
    block.set(this.#history.subarray(HISTORY - length - OVERLAP_MAX, HISTORY - OVERLAP_MAX));
  }
}

/** 3.75 ms. */
export const CONCEALMENT_DELAY_SAMPLES = OVERLAP_MAX;

/** From `left`, which starts at `gain`, to `right`, by two straight lines. */
function crossFade(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  out: Int16Array | Float64Array,
  length: number,
  gain = 1,
): void {
  const step = 1 / length;
  const leftStep = step * gain;
  let leftWeight = (1 - step) * gain;
  let rightWeight = step;
  for (let i = 0; i < length; i += 1) {
    const value = leftWeight * (left[i] ?? 0) + rightWeight * (right[i] ?? 0);
    out[i] = Math.trunc(Math.max(-32_768, Math.min(32_767, value)));
    leftWeight = leftWeight - leftStep;
    rightWeight = rightWeight + step;
  }
}

/** G.711 I.2.2: the lag of the highest normalized correlation; coarse by two samples, then fine. */
function findPitch(buffer: Float64Array): number {
  const coarse = bestMatch(buffer, 0, PITCH_MAX - PITCH_MIN, DECIMATION);
  const from = Math.max(0, coarse - (DECIMATION - 1));
  const to = Math.min(PITCH_MAX - PITCH_MIN, coarse + (DECIMATION - 1));
  return PITCH_MAX - bestMatch(buffer, from, to, 1);
}

function bestMatch(buffer: Float64Array, from: number, to: number, step: number): number {
  let best = from;
  let bestCorrelation = Number.NEGATIVE_INFINITY;
  for (let match = from; match <= to; match += step) {
    const correlation = correlationAt(buffer, match, step);
    // The coarse search prefers the later of two equals, that is the shorter period.
    if (correlation > bestCorrelation || (step > 1 && correlation === bestCorrelation)) {
      best = match;
      bestCorrelation = correlation;
    }
  }
  return best;
}

function correlationAt(buffer: Float64Array, match: number, step: number): number {
  const recent = HISTORY - CORRELATION;
  const earlier = recent - PITCH_MAX + match;
  let energy = 0;
  let correlation = 0;
  for (let i = 0; i < CORRELATION; i += step) {
    const sample = buffer[earlier + i] ?? 0;
    energy += sample * sample;
    correlation += sample * (buffer[recent + i] ?? 0);
  }
  return correlation / Math.sqrt(Math.max(energy, CORRELATION_MIN_POWER));
}
