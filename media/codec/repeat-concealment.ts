// The simplest concealment: the last frame again, softer each time.

const FADE_PER_FRAME = 0.5;

/** For codecs that bring none of their own. Silent after about five repetitions. */
export class RepeatConcealment {
  #last = new Int16Array(0);
  #gain = 1;

  /** Remembers sound that was decoded; `pcm` stays the caller's. */
  receive(pcm: Int16Array): void {
    this.#last = pcm.slice();
    this.#gain = 1;
  }

  conceal(sampleCount: number): Int16Array {
    const pcm = new Int16Array(sampleCount);
    const end = this.#gain * FADE_PER_FRAME;
    for (let i = 0; i < sampleCount && this.#last.length > 0; i += 1) {
      const gain = this.#gain + ((end - this.#gain) * i) / sampleCount;
      pcm[i] = (this.#last[i % this.#last.length] ?? 0) * gain;
    }
    this.#gain = end < 0.03 ? 0 : end;
    return pcm;
  }
}
