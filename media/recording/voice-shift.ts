// When something was said, in spite of what jitter buffers and beats did to it.

/** A pause of so long may become a little longer or shorter unheard. */
const PAUSE_MS = 100;
/** Within speech what is off by more is put right all the same. */
const TOLERANCE_MS = 8;
/** Of a full scale of 32,768: what is below is a pause, whatever filters and concealment leave in it. */
const QUIET = 100;

/** Of one member: decides anew with each spurt of talk, so that nothing within one is torn apart. */
export class VoiceShift {
  readonly #usualDelayMs: number;
  #shiftMs = 0;
  #lastSoundAt = Number.NEGATIVE_INFINITY;

  constructor(usualDelayMs: number) {
    this.#usualDelayMs = usualDelayMs;
  }

  /**
   * @param delayMs - how long the beat's sound had waited
   * @returns by how much its place is before `now`, less what is usual
   */
  shiftFor(now: number, pcm: Int16Array, delayMs: number): number {
    const shiftMs = delayMs - this.#usualDelayMs;
    const isPause = now - this.#lastSoundAt > PAUSE_MS;
    if (isPause || Math.abs(shiftMs - this.#shiftMs) > TOLERANCE_MS) this.#shiftMs = shiftMs;
    if (!pcm.every(isQuiet)) this.#lastSoundAt = now;
    return this.#shiftMs;
  }
}

function isQuiet(sample: number): boolean {
  return sample < QUIET && sample > -QUIET;
}
