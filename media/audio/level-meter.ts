// How loud a stream is.

/** The level of digital silence, as RFC 6464 has it. */
export const SILENCE_DBOV = -127;

/** Level of one block: 0 dBov is a square wave at full scale. */
export function levelDbov(pcm: Int16Array): number {
  let sum = 0;
  // Within the block by the loop.
  for (let i = 0; i < pcm.length; i += 1) sum += pcm[i]! * pcm[i]!;
  return dbovOf(pcm.length === 0 ? 0 : sum / pcm.length);
}

/** Measures a stream: the level of late, the loudest block, and how much of it is sound at all. */
export class LevelMeter {
  /** Level of the last block. */
  current = SILENCE_DBOV;
  /** Level of the loudest block. */
  loudest = SILENCE_DBOV;
  #samples = 0;
  #power = 0;
  #blocks = 0;
  #activeBlocks = 0;

  /** @param pcm - one block, 20 ms or so */
  measure(pcm: Int16Array): void {
    if (pcm.length === 0) return;
    this.current = levelDbov(pcm);
    this.loudest = Math.max(this.loudest, this.current);
    this.#samples += pcm.length;
    this.#power += 10 ** (this.current / 10) * pcm.length;
    this.#blocks += 1;
    if (this.current > ACTIVE_DBOV) this.#activeBlocks += 1;
  }

  /** Level of everything so far. */
  get overall(): number {
    return this.#samples === 0 ? SILENCE_DBOV : toDbov(this.#power / this.#samples);
  }

  /** 0 to 1: the blocks that are louder than the noise of a quiet room. */
  get activityRatio(): number {
    return this.#blocks === 0 ? 0 : this.#activeBlocks / this.#blocks;
  }
}

/** Codecs and comfort noise stay below; speech, however soft, does not. */
export const ACTIVE_DBOV = -60;

function dbovOf(meanSquare: number): number {
  return toDbov(meanSquare / 32_768 ** 2);
}

function toDbov(power: number): number {
  return power <= 0 ? SILENCE_DBOV : Math.max(SILENCE_DBOV, 10 * Math.log10(power));
}
