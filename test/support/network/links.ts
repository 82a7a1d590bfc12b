// Which link lies between two hosts.
import type { Random } from '../../../core/index.ts';
import { LinkDirection, type LinkOptions } from '../../../media/impairment/index.ts';

/** Stands for every host. */
export const ANYONE = '*';

/**
 * The links of a world, by names of hosts or NATs. The most specific entry counts: both hosts, then a NAT
 * that a host is behind, then {@link ANYONE}, then the default.
 */
export class Links {
  readonly #random: Random;
  readonly #options = new Map<string, LinkOptions>();
  readonly #directions = new Map<string, { readonly direction: LinkDirection; options: LinkOptions }>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Sets one direction; takes effect for the next packet. */
  set(from: string, to: string, options: LinkOptions): void {
    // A copy, so that the same object set twice starts its loss model anew.
    this.#options.set(keyOf(from, to), { ...options });
  }

  /**
   * @param from - the sending host, then the NATs that its packet has passed, inside first
   * @param to - the receiving host, then the NATs before it, inside first
   */
  between(from: readonly string[], to: readonly string[]): LinkDirection {
    const key = keyOf(from[0] ?? ANYONE, to[0] ?? ANYONE);
    const options = this.#lookUp(from, to);
    const known = this.#directions.get(key);
    if (!known) {
      const direction = new LinkDirection(this.#random.fork(key), options);
      this.#directions.set(key, { direction, options });
      return direction;
    }
    if (known.options !== options) {
      known.options = options;
      known.direction.change(options);
    }
    return known.direction;
  }

  #lookUp(from: readonly string[], to: readonly string[]): LinkOptions {
    for (const fromName of [...from, ANYONE]) {
      for (const toName of [...to, ANYONE]) {
        const options = this.#options.get(keyOf(fromName, toName));
        if (options) return options;
      }
    }
    return NO_OPTIONS;
  }
}

const NO_OPTIONS: LinkOptions = {};

function keyOf(from: string, to: string): string {
  return `${from} > ${to}`;
}
