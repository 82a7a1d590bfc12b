// Sequence numbers of the sound alone. Telephone-events stand in the same row (RFC 4733 §2.2) and are no sound: to a
// jitter buffer each would look like a packet that was lost.
import { MAX_MISORDER } from '../rtp/index.ts';

/** Sound that comes later than this behind an event is not told from a hole. A power of two, to be masked. */
const KEPT = 64;

/** Takes the numbers of events out of the row, also where packets overtake each other. */
export class SoundNumbering {
  #ssrc: number | undefined;
  /** Numbers that were taken out, in the order in which they came; a ring. */
  readonly #skipped = new Float64Array(KEPT);
  #count = 0;
  /** Those before were taken out of a row that the sender has left: they stay out, wherever they stood. */
  #start = 0;
  #highestSound = Number.NEGATIVE_INFINITY;

  /** A packet of that number came, and is no sound. One that sound has overtaken leaves its hole in the row. */
  skip(ssrc: number, extendedSequenceNumber: number): void {
    this.#follow(ssrc, extendedSequenceNumber);
    if (extendedSequenceNumber < this.#highestSound || this.#isKnown(extendedSequenceNumber)) return;
    this.#skipped[this.#count & (KEPT - 1)] = extendedSequenceNumber;
    this.#count += 1;
  }

  /** @returns the packet's number in the row of sound */
  numberOf(ssrc: number, extendedSequenceNumber: number): number {
    this.#follow(ssrc, extendedSequenceNumber);
    this.#highestSound = Math.max(this.#highestSound, extendedSequenceNumber);
    let before = this.#count;
    for (let i = this.#oldest; i < this.#count; i += 1) if (this.#at(i) > extendedSequenceNumber) before -= 1;
    return extendedSequenceNumber - before;
  }

  get #oldest(): number {
    return Math.max(this.#start, this.#count - KEPT);
  }

  #at(index: number): number {
    return this.#skipped[index & (KEPT - 1)] ?? 0;
  }

  #isKnown(number: number): boolean {
    for (let i = this.#oldest; i < this.#count; i += 1) if (this.#at(i) === number) return true;
    return false;
  }

  #follow(ssrc: number, extendedSequenceNumber: number): void {
    const isOther = ssrc !== this.#ssrc;
    // RFC 3550 A.1: farther back than that is no reordering, but a sender that began anew under its SSRC.
    if (!isOther && extendedSequenceNumber >= this.#highestSound - MAX_MISORDER) return;
    this.#ssrc = ssrc;
    if (isOther) this.#count = 0;
    this.#start = this.#count;
    this.#highestSound = Number.NEGATIVE_INFINITY;
  }
}
