// Finds a code among the digits of a party, which go on to the other one all the same.

/** Between two digits of a code a person does not think. */
const LONGEST_PAUSE_MS = 2000;

export class CodeDetector {
  readonly #code: string;
  #matched = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  /** @param code - `*1`; only its first digit may be the one that it begins with */
  constructor(code: string) {
    this.#code = code;
  }

  /** @returns whether the code is complete with this digit */
  push(now: number, digit: string): boolean {
    if (now - this.#lastAt > LONGEST_PAUSE_MS) this.#matched = 0;
    this.#lastAt = now;
    if (digit !== this.#code[this.#matched]) this.#matched = 0;
    if (digit === this.#code[this.#matched]) this.#matched += 1;
    if (this.#matched < this.#code.length) return false;
    this.#matched = 0;
    return true;
  }
}
