// When a party talks, by how loud it is: for the time line of calls, where no mixer tells.
import { levelDbov } from '../audio/index.ts';

/** Above the noise of a room, below any voice. */
const TALK_DBOV = -45;
/** A click is no talk. */
const ATTACK_MS = 60;
/** Pauses between words are part of it. */
const RELEASE_MS = 600;

/** One party's. */
export class TalkDetector {
  #isTalking = false;
  #loudMs = 0;
  #quietMs = 0;

  /** @returns whether that changed anything: it began, or ended, {@link TalkDetector.agoMs} before the end of the block */
  measure(pcm: Int16Array, durationMs: number): 'began' | 'ended' | undefined {
    if (levelDbov(pcm) > TALK_DBOV) {
      this.#quietMs = 0;
      this.#loudMs += durationMs;
      if (this.#isTalking || this.#loudMs < ATTACK_MS) return undefined;
      this.#isTalking = true;
      return 'began';
    }
    this.#quietMs += durationMs;
    if (!this.#isTalking) this.#loudMs = 0;
    if (!this.#isTalking || this.#quietMs < RELEASE_MS) return undefined;
    return this.stop();
  }

  /** Nothing comes any more. */
  stop(): 'ended' | undefined {
    if (!this.#isTalking) return undefined;
    this.#isTalking = false;
    this.#loudMs = 0;
    return 'ended';
  }

  /** How long ago, from the end of the last block, that began which was told of. */
  get agoMs(): number {
    return this.#isTalking ? this.#loudMs : this.#quietMs;
  }
}
