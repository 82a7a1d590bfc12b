// Telephone-events as they are sent (RFC 4733 §2.5): an update every 20 ms, and the end three times.
import { DIGITS } from './receiver.ts';

/** RFC 4733 §2.5.1.4. */
const END_PACKETS = 3;
/** What the field of duration holds. */
const LONGEST_TICKS = 0xffff;
/** -10 dBm0, a usual level (RFC 4733 §2.3.4). */
const VOLUME = 10;

/** One packet of an event. */
export interface EventPacket {
  readonly payload: Uint8Array;
  /** Set on the first (§2.5.1.2), whose timestamp all others keep. */
  readonly marker: boolean;
  /** Whether the event is over with it. */
  readonly isLast: boolean;
}

/** Plays digits one after the other, a packet a call. */
export class TelephoneEventSender {
  readonly #queue: number[] = [];
  readonly #durationTicks: number;
  readonly #stepTicks: number;
  #elapsed = 0;
  #ends = 0;

  /**
   * @param stepTicks - ticks between two calls of {@link TelephoneEventSender.next}
   * @param durationTicks - length of each digit, at most 65535: no segments are sent (§2.5.1.3)
   */
  constructor(stepTicks: number, durationTicks: number) {
    this.#stepTicks = stepTicks;
    this.#durationTicks = Math.min(LONGEST_TICKS, durationTicks);
  }

  /** Digits that are sent or wait. */
  get pending(): number {
    return this.#queue.length;
  }

  /** @returns how many of the characters are digits and were taken */
  push(digits: string): number {
    const events = [...digits.toUpperCase()]
      .map((digit) => DIGITS.indexOf(digit))
      .filter((event) => event >= 0);
    this.#queue.push(...events);
    return events.length;
  }

  /** The packet for this moment; undefined where no digit is left. */
  next(): EventPacket | undefined {
    const event = this.#queue[0];
    if (event === undefined) return undefined;
    const marker = this.#elapsed === 0;
    this.#elapsed = Math.min(this.#elapsed + this.#stepTicks, this.#durationTicks);
    const isEnd = this.#elapsed >= this.#durationTicks;
    if (isEnd) this.#ends += 1;
    const isLast = this.#ends === END_PACKETS;
    const payload = Uint8Array.of(
      event,
      (isEnd ? 0x80 : 0) | VOLUME,
      this.#elapsed >> 8,
      this.#elapsed & 0xff,
    );
    if (isLast) {
      this.#queue.shift();
      this.#elapsed = 0;
      this.#ends = 0;
    }
    return { payload, marker, isLast };
  }
}
