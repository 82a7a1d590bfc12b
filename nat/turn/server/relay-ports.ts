// Which ports of one address relays have. Drawn at random, so that nobody guesses whose port is next (RFC 6056).
import type { Random } from '../../../core/index.ts';
import type { RelayPortRange } from './options.ts';

export class RelayPorts {
  readonly #first: number;
  readonly #count: number;
  readonly #random: Random;
  readonly #taken = new Set<number>();

  constructor({ first, last }: RelayPortRange, random: Random) {
    this.#first = first;
    this.#count = Math.max(0, last - first + 1);
    this.#random = random;
  }

  get takenCount(): number {
    return this.#taken.size;
  }

  has(port: number): boolean {
    return this.#taken.has(port);
  }

  /** @returns undefined where none is free */
  take(): number | undefined {
    return this.#takeFirst(() => true);
  }

  /** An even one (EVEN-PORT). */
  takeEven(): number | undefined {
    return this.#takeFirst((port) => port % 2 === 0);
  }

  /** An even one and the next: the first is returned, both are taken. */
  takePair(): number | undefined {
    const last = this.#first + this.#count - 1;
    const port = this.#takeFirst((first) => first % 2 === 0 && first < last && !this.has(first + 1));
    if (port !== undefined) this.#taken.add(port + 1);
    return port;
  }

  giveBack(port: number): void {
    this.#taken.delete(port);
  }

  /** The first free one that fits, from one at random on. */
  #takeFirst(fits: (port: number) => boolean): number | undefined {
    const start = this.#random.uint32() % Math.max(1, this.#count);
    for (let tried = 0; tried < this.#count; tried += 1) {
      const port = this.#first + ((start + tried) % this.#count);
      if (this.has(port) || !fits(port)) continue;
      this.#taken.add(port);
      return port;
    }
    return undefined;
  }
}
