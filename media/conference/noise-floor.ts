// The level of what is behind a voice: the least of the last seconds, since every talker has gaps and no noise has.

/** Blocks of 20 ms in one part of the window. */
const PART_BLOCKS = 25;
const PARTS = 4;
/** Quieter than this nobody hears; digital silence between words says nothing of the noise within them. */
const LOWEST_DBOV = -70;
/** What is louder all the time is music or a tone, and no noise that anybody would talk in. */
export const LOUDEST_NOISE_DBOV = -45;

/** Follows the noise behind one voice: down at once, up within two seconds. */
export class NoiseFloor {
  readonly #highestDbov: number;
  /** Least level of each part of the window; the first is being filled. */
  readonly #leastDbov = new Float64Array(PARTS).fill(Number.POSITIVE_INFINITY);
  #blocks = 0;
  /** Whether half a second has been heard: before that, the first words would pass for noise. */
  #isKnown = false;

  /** @param highestDbov - what is louder is not taken for noise */
  constructor(highestDbov = LOUDEST_NOISE_DBOV) {
    this.#highestDbov = highestDbov;
  }

  /**
   * @param levelDbov - of the next block
   * @returns from -70 dBov to the highest
   */
  update(levelDbov: number): number {
    const least = this.#leastDbov;
    if (this.#blocks === PART_BLOCKS) {
      least.copyWithin(1, 0, PARTS - 1);
      least[0] = levelDbov;
      this.#blocks = 0;
      this.#isKnown = true;
    }
    this.#blocks += 1;
    if (levelDbov < least[0]!) least[0] = levelDbov;
    if (!this.#isKnown) return LOWEST_DBOV;
    // There are four.
    const floor = Math.min(least[0]!, least[1]!, least[2]!, least[3]!);
    return floor < LOWEST_DBOV ? LOWEST_DBOV : floor > this.#highestDbov ? this.#highestDbov : floor;
  }
}
