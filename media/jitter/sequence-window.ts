// Which sequence numbers belong to the stream, and which hint that the sender began anew (RFC 3550 A.1).
import { MAX_DROPOUT, MAX_MISORDER } from '../rtp/index.ts';
import type { JitterFrame } from './types.ts';

/** `suspect`: a jump too large to be loss; the next in order makes it a restart. */
export type WindowVerdict = 'newest' | 'behind' | 'suspect' | 'restart';

export class SequenceWindow {
  #ssrc = -1;
  #highest = -1;
  #expectedAfterJump = -1;

  /** Takes a packet's number; not that of a copy, which proves nothing. */
  judge(frame: JitterFrame): WindowVerdict {
    const sequence = frame.extendedSequenceNumber;
    if (frame.ssrc !== this.#ssrc || (this.#isJump(sequence) && sequence === this.#expectedAfterJump)) {
      this.#ssrc = frame.ssrc;
      this.#highest = sequence;
      this.#expectedAfterJump = -1;
      return 'restart';
    }
    if (this.#isJump(sequence)) {
      this.#expectedAfterJump = sequence + 1;
      return 'suspect';
    }
    if (sequence <= this.#highest) return 'behind';
    this.#highest = sequence;
    return 'newest';
  }

  /** Whether a copy is of this stream. */
  holds(frame: JitterFrame): boolean {
    return frame.ssrc === this.#ssrc && !this.#isJump(frame.extendedSequenceNumber);
  }

  #isJump(sequence: number): boolean {
    const ahead = sequence - this.#highest;
    return ahead >= MAX_DROPOUT || ahead < -MAX_MISORDER;
  }
}
