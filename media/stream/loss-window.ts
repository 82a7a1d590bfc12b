// Which of the last packets are missing: what comes late was only reordered, what does not come at all is lost.
import { BurstGapCounter } from '../quality/index.ts';

/** A packet that came so many numbers late is of use to no receiver: 600 ms at 20 ms each. */
const WINDOW = 30;
const ALL = 2 ** (WINDOW + 1) - 1;

/**
 * Judges packets as they leave the window. What is missing in it is a word of bits, kept by the owner beside what each
 * packet changes anyway: bit 1 is the packet before the highest. While it is 0 and numbers come in order, nobody asks here.
 */
export class LossWindow {
  readonly #losses: BurstGapCounter;

  constructor(losses = new BurstGapCounter()) {
    this.#losses = losses;
  }

  /**
   * A packet came whose number is so many above the highest.
   *
   * @param highest - the place of the highest before, in the stream
   * @returns what is missing now
   */
  advance(missing: number, highest: number, step: number): number {
    const kept = Math.max(0, WINDOW + 1 - step);
    for (let age = WINDOW; age >= kept && age > 0; age -= 1) {
      if ((missing & (1 << age)) !== 0) this.#losses.lose(highest - age);
    }
    if (step > WINDOW + 1) this.#losses.lose(highest + 1, step - 1 - WINDOW);
    const between = step > WINDOW ? ALL - 1 : (1 << step) - 2;
    return (step > WINDOW ? 0 : (missing << step) & ALL) | between;
  }

  /** A packet came so many numbers after its turn. @returns what is missing now */
  arriveLate(missing: number, age: number): number {
    return age <= WINDOW ? missing & ~(1 << age) : missing;
  }

  /** The stream ended or began anew: what is missing will not come. @param highest - the place of the last packet */
  settle(missing: number, highest: number): void {
    for (let age = WINDOW; age > 0; age -= 1) {
      if ((missing & (1 << age)) !== 0) this.#losses.lose(highest - age);
    }
  }

  /** The losses so far, if nothing of what is missing comes any more. */
  lossesAt(missing: number, highest: number): BurstGapCounter {
    const window = new LossWindow(this.#losses.copy());
    window.settle(missing, highest);
    return window.#losses;
  }
}
