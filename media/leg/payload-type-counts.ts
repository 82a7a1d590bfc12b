// Which payload types came, and how often: counted where they change, so that a packet like the one before costs nothing.
import type { LegFacts } from './facts.ts';

/** Types that are told apart; a party that sends more of them at random tells nothing more by them. */
const MAX_TYPES = 8;
const UNNEGOTIATED = 0x80;

export class PayloadTypeCounts {
  /** By payload type, with a bit above where it was not negotiated when it came. */
  readonly #counts = new Map<number, number>();
  /** Packets that were taken when the present run of one type began. */
  #runBeganAt = 0;

  /**
   * A run of packets of one type ends.
   *
   * @param received - packets of the party that were taken so far, of all types
   */
  endRun(payloadType: number, received: number): void {
    if (payloadType >= 0) this.#add(payloadType, received - this.#runBeganAt);
    this.#runBeganAt = received;
  }

  /** One packet came whose type was not negotiated. */
  refuse(payloadType: number): void {
    this.#add(payloadType | UNNEGOTIATED, 1);
  }

  /** Those that came, the first first. */
  list(): LegFacts['payloadTypes'] {
    return Array.from(this.#counts, ([key, packets]) => ({
      payloadType: key & 0x7f,
      packets,
      isNegotiated: key < UNNEGOTIATED,
    }));
  }

  #add(key: number, packets: number): void {
    const before = this.#counts.get(key);
    if (packets <= 0 || (before === undefined && this.#counts.size >= MAX_TYPES)) return;
    this.#counts.set(key, (before ?? 0) + packets);
  }
}
