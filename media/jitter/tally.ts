// What became of each packet and each millisecond, each counted once.
import { BurstGapCounter } from '../quality/burst-gap.ts';

/** A.1 takes packets as far behind as 100; the ring is a power of two well above. */
const REMEMBERED = 1024;

/** What became of a sequence number whose turn has passed. */
export type Fate = 'played' | 'recovered' | 'late' | 'lost';

const FATES: readonly (Fate | undefined)[] = [undefined, 'played', 'recovered', 'late', 'lost'];

/** The counters behind `JitterStatistics`; a late packet moves its number from lost to late. */
export class Tally {
  received = 0;
  duplicate = 0;
  reordered = 0;
  overflowed = 0;
  concealedMs = 0;
  stretchedMs = 0;
  compressedMs = 0;
  /** Turns that passed without their sound, in order: a packet that comes late does not change that. */
  readonly losses = new BurstGapCounter();
  #turns = 0;
  readonly #counts = new Float64Array(FATES.length);
  readonly #fates = new Uint8Array(REMEMBERED);

  count(fate: Fate): number {
    return this.#counts[FATES.indexOf(fate)] ?? 0;
  }

  /** The turn of a sequence number has passed. */
  pass(sequenceNumber: number, fate: Fate): void {
    this.#turns += 1;
    if (fate === 'late' || fate === 'lost') this.losses.lose(this.#turns);
    this.#note(sequenceNumber, fate);
  }

  #note(sequenceNumber: number, fate: Fate): void {
    const code = FATES.indexOf(fate);
    this.#fates[sequenceNumber & (REMEMBERED - 1)] = code;
    this.#counts[code] = (this.#counts[code] ?? 0) + 1;
  }

  /** A packet came whose turn has passed. @returns false where its sound was had already, or it came before */
  comeLate(sequenceNumber: number): boolean {
    const fate = FATES[this.#fates[sequenceNumber & (REMEMBERED - 1)] ?? 0];
    if (fate !== 'lost') {
      this.duplicate += 1;
      return false;
    }
    this.#counts[FATES.indexOf('lost')] = this.count('lost') - 1;
    this.#note(sequenceNumber, 'late');
    return true;
  }

  /** Another stream: its numbers have no fates yet. */
  restart(): void {
    this.#fates.fill(0);
  }
}
