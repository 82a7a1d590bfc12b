// ITU-T G.722: the quadrature mirror filters that part 16 kHz sound into two bands of 8 kHz, and join them.

/** Every other coefficient of the filter; those between are the same backwards. */
const COEFFICIENTS = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];
const PAIRS = COEFFICIENTS.length;
const MIRRORED = [...COEFFICIENTS].reverse();

/**
 * The filter in two halves, of which one sees the first and the other the second of each pair of values. The encoder
 * feeds it with sound, and sum and difference of the halves are the bands; the decoder feeds it with sum and difference
 * of the bands, and the halves are sound.
 */
export class G722Filter {
  /** The halves over the last {@link PAIRS} pairs, in units of 2^-13. */
  first = 0;
  second = 0;
  /** The last pairs, twice one behind the other, so that they always lie somewhere in a row, the oldest first. */
  readonly #firsts = new Int32Array(2 * PAIRS);
  readonly #seconds = new Int32Array(2 * PAIRS);
  #next = 0;

  take(first: number, second: number): void {
    const at = this.#next;
    this.#firsts[at] = this.#firsts[at + PAIRS] = first;
    this.#seconds[at] = this.#seconds[at + PAIRS] = second;
    this.#next = at + 1 === PAIRS ? 0 : at + 1;
    let sum1 = 0;
    let sum2 = 0;
    // All indices are within their arrays by the loop.
    for (let i = 0; i < PAIRS; i += 1) {
      sum1 += this.#firsts[at + 1 + i]! * COEFFICIENTS[i]!;
      sum2 += this.#seconds[at + 1 + i]! * MIRRORED[i]!;
    }
    this.first = sum1;
    this.second = sum2;
  }
}
