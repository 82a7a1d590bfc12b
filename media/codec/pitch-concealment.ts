// Packet loss concealment (ITU-T G.711 appendix I, at any rate): repeat the last pitch period, and fade.

// G.711 I.2: all in samples at 8 kHz, and as many times more at a higher rate.
const BASE_HZ = 8000;
const BLOCK = 80;
const PITCH_MIN = 40;
const PITCH_MAX = 120;
const OVERLAP_MAX = PITCH_MAX >> 2;
const HISTORY = 3 * PITCH_MAX + OVERLAP_MAX;
const CORRELATION = 160;
const DECIMATION = 2;
/** A longer erasure gets a longer cross-fade into what arrives again. */
const OVERLAP_STEP = 32;

const CORRELATION_MIN_POWER = 250;
const FADE_PER_BLOCK = 0.2;
/** From here on (60 ms of loss) there is silence. */
const SILENT_AFTER_BLOCKS = 5;

/**
 * Keeps the recent past of one mono stream and makes up what is missing. Everything comes out
 * {@link PitchConcealment.delaySamples} later than it went in, so that the start of an erasure can still be smoothed.
 */
export class PitchConcealment {
  /** 3.75 ms. */
  readonly delaySamples: number;
  /** How many times 8 kHz the rate is. */
  readonly #factor: number;
  readonly #block: number;
  readonly #history: Int16Array;
  readonly #pitchBuffer: Float64Array;
  /** The last quarter wavelength before the erasure, for the cross-fade at the seam of each repetition. */
  readonly #lastQuarter: Float64Array;
  /** Samples made up since sound came last. */
  #erased = 0;
  #pitch = 0;
  #overlap = 0;
  /** Samples at the end of the pitch buffer that are repeated. */
  #repeated = 0;
  #offset = 0;

  /** @param sampleRateHz - a multiple of 8000; at 8000 itself it is appendix I to the bit */
  constructor(sampleRateHz = BASE_HZ) {
    this.#factor = sampleRateHz / BASE_HZ;
    this.#block = BLOCK * this.#factor;
    this.delaySamples = OVERLAP_MAX * this.#factor;
    this.#history = new Int16Array(HISTORY * this.#factor);
    this.#pitchBuffer = new Float64Array(HISTORY * this.#factor);
    this.#lastQuarter = new Float64Array(OVERLAP_MAX * this.#factor);
  }

  /** Takes sound that arrived, and replaces it by what is to be played. Changes `pcm` in place. */
  receive(pcm: Int16Array): void {
    for (let start = 0; start < pcm.length; start += this.#block) {
      const block = pcm.subarray(start, start + this.#block);
      if (this.#erased > 0) this.#fadeIn(block);
      this.#pass(block);
    }
  }

  /** Makes up sound for what did not arrive: the same in whatever pieces it is asked for. */
  conceal(sampleCount: number): Int16Array {
    const pcm = new Int16Array(sampleCount);
    for (let start = 0; start < sampleCount; ) {
      const end = start + this.#block - (this.#erased % this.#block);
      const part = pcm.subarray(start, end);
      this.#fill(part);
      start += part.length;
    }
    return pcm;
  }

  /** @param part - of one block of the erasure */
  #fill(part: Int16Array): void {
    const blocks = Math.floor(this.#erased / this.#block);
    const isBlockStart = this.#erased % this.#block === 0;
    if (blocks > SILENT_AFTER_BLOCKS) part.fill(0);
    else {
      if (this.#erased === 0) this.#startErasure();
      if (isBlockStart && (blocks === 1 || blocks === 2)) this.#lengthenPitch(part);
      else this.#repeat(part);
      if (blocks > 0) this.#fade(part);
    }
    this.#erased += part.length;
    this.#pass(part);
  }

  #startErasure(): void {
    const buffer = this.#pitchBuffer;
    buffer.set(this.#history);
    this.#pitch = findPitch(buffer, this.#factor);
    this.#overlap = this.#pitch >> 2;
    this.#lastQuarter.set(buffer.subarray(this.#history.length - this.#overlap));
    this.#offset = 0;
    this.#repeated = this.#pitch;
    this.#smoothSeam();
    this.#history.set(
      Int16Array.from(buffer.subarray(this.#history.length - this.#overlap)),
      this.#history.length - this.#overlap,
    );
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
    const start = this.#history.length - this.#repeated - this.#overlap;
    const before = this.#pitchBuffer.slice(start, start + this.#overlap);
    crossFade(
      this.#lastQuarter,
      before,
      this.#pitchBuffer.subarray(this.#history.length - this.#overlap),
      this.#overlap,
    );
  }

  #repeat(out: Int16Array): void {
    const start = this.#history.length - this.#repeated;
    for (let i = 0; i < out.length; i += 1) {
      out[i] = this.#pitchBuffer[start + this.#offset] ?? 0;
      this.#offset += 1;
      if (this.#offset >= this.#repeated) this.#offset = 0;
    }
  }

  #fade(part: Int16Array): void {
    let gain = this.#gain;
    for (let i = 0; i < part.length; i += 1) {
      part[i] = Math.trunc((part[i] ?? 0) * gain);
      gain = gain - FADE_PER_BLOCK / this.#block;
    }
  }

  /** Full for the first block, then falling. */
  get #gain(): number {
    return Math.max(0, 1 - this.#fadedBlocks * FADE_PER_BLOCK);
  }

  get #fadedBlocks(): number {
    return Math.max(0, this.#erased / this.#block - 1);
  }

  /** Cross-fades from the made-up sound into the first that arrived after an erasure. */
  #fadeIn(block: Int16Array): void {
    const wanted = this.#overlap + Math.round(this.#fadedBlocks * OVERLAP_STEP * this.#factor);
    const length = Math.min(wanted, this.#block, block.length);
    const madeUp = new Int16Array(length);
    this.#repeat(madeUp);
    crossFade(madeUp, block.slice(0, length), block, length, this.#gain);
    this.#erased = 0;
  }

  /** Puts a block into the history, and the sound of {@link PitchConcealment.delaySamples} before into its place. */
  #pass(block: Int16Array): void {
    const length = block.length;
    this.#history.copyWithin(0, length);
    this.#history.set(block, this.#history.length - length);
    block.set(
      this.#history.subarray(
        this.#history.length - length - this.delaySamples,
        this.#history.length - this.delaySamples,
      ),
    );
  }
}

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

/** G.711 I.2.2: the lag of the highest normalized correlation; coarse by two samples at 8 kHz, then fine. */
function findPitch(buffer: Float64Array, factor: number): number {
  const longest = PITCH_MAX * factor;
  const range = longest - PITCH_MIN * factor;
  const step = DECIMATION * factor;
  const coarse = bestMatch(buffer, { from: 0, to: range, step, factor });
  const from = Math.max(0, coarse - (step - 1));
  const to = Math.min(range, coarse + (step - 1));
  return longest - bestMatch(buffer, { from, to, step: 1, factor });
}

interface Search {
  readonly from: number;
  readonly to: number;
  /** Between two lags, and between the samples that are compared. */
  readonly step: number;
  readonly factor: number;
}

function bestMatch(buffer: Float64Array, { from, to, step, factor }: Search): number {
  let best = from;
  let bestCorrelation = Number.NEGATIVE_INFINITY;
  for (let match = from; match <= to; match += step) {
    const correlation = correlationAt(buffer, match, step, factor);
    // The coarse search prefers the later of two equals, that is the shorter period.
    if (correlation > bestCorrelation || (step > 1 && correlation === bestCorrelation)) {
      best = match;
      bestCorrelation = correlation;
    }
  }
  return best;
}

function correlationAt(buffer: Float64Array, match: number, step: number, factor: number): number {
  const recent = buffer.length - CORRELATION * factor;
  const earlier = recent - PITCH_MAX * factor + match;
  let energy = 0;
  let correlation = 0;
  for (let i = 0; i < CORRELATION * factor; i += step) {
    const sample = buffer[earlier + i] ?? 0;
    energy += sample * sample;
    correlation += sample * (buffer[recent + i] ?? 0);
  }
  return correlation / Math.sqrt(Math.max(energy, CORRELATION_MIN_POWER));
}
