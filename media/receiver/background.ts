// What lies behind a voice: how loud it is, whether there is only that, and more of it where nothing comes.
import { ACTIVE_DBOV, levelDbov, SILENCE_DBOV } from '../audio/index.ts';

/** How quickly a background that became louder is believed, in decibels a millisecond of sound: 3 dB a second. */
const RISE_DB_PER_MS = 0.003;
/** Sound this little above the background is background. */
const MARGIN_DB = 6;
/** Louder than this is never silence, however steady it is. */
const LOUDEST_SILENCE_DBOV = -40;
/** Comfort noise tells that the line lives; it is never loud enough to count as sound. */
const LOUDEST_NOISE_DBOV = ACTIVE_DBOV - 3;
/** Of a one-pole low pass: a room hisses less than white noise does. */
const SMOOTHING = 0.5;

/** Learns from the frames that arrive. */
export class Background {
  /** The softest level of late; silence before anything came. */
  #floorDbov: number | undefined;
  #isSilent = true;
  #noiseState = 1;
  #lastNoise = 0;

  /** Whether the last frame held nothing but background. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  get levelDbov(): number {
    return this.#floorDbov ?? SILENCE_DBOV;
  }

  /** Takes one frame that arrived; `pcm` stays the caller's. */
  measure(pcm: Int16Array, durationMs: number): void {
    const level = levelDbov(pcm);
    const risen = (this.#floorDbov ?? level) + RISE_DB_PER_MS * durationMs;
    this.#floorDbov = Math.min(level, risen);
    const threshold = Math.max(ACTIVE_DBOV, Math.min(this.#floorDbov + MARGIN_DB, LOUDEST_SILENCE_DBOV));
    this.#isSilent = level <= threshold;
  }

  /** Takes the level that the far end tells of its background. */
  adopt(levelDbov: number): void {
    this.#floorDbov = levelDbov;
    this.#isSilent = true;
  }

  /** Fills `pcm` with noise at the level of the background; with zeros where that was digital silence. */
  fill(pcm: Int16Array): void {
    const level = Math.min(this.levelDbov, LOUDEST_NOISE_DBOV);
    this.#isSilent = true;
    // Evenly spread noise of amplitude a has the power a²/3, and the low pass leaves (1-s)/(1+s) of it.
    const gain = 32_768 * 10 ** (level / 20) * Math.sqrt((3 * (1 + SMOOTHING)) / (1 - SMOOTHING));
    for (let i = 0; i < pcm.length; i += 1) {
      // A linear congruential generator modulo 2^32 (Numerical Recipes): its upper bits are random enough to hear.
      this.#noiseState = (Math.imul(this.#noiseState, 1_664_525) + 1_013_904_223) | 0;
      const white = (this.#noiseState / 2 ** 31) * gain;
      this.#lastNoise = SMOOTHING * this.#lastNoise + (1 - SMOOTHING) * white;
      pcm[i] = Math.round(this.#lastNoise);
    }
  }
}
