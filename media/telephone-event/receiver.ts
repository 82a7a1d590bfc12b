// Telephone-events as they arrive (RFC 4733): one digit an event, whatever is lost or repeated.
//
// |     event     |E|R| volume    |          duration             |

/** Events 0 to 15 (RFC 4733 §3.2). */
export const DIGITS = '0123456789*#ABCD';

/** A digit longer than this is a stuck key or a lie (RFC 4733 §2.5.1.3 repeats for ever until it is released). */
const MAX_DURATION_MS = 60_000;

/** A packet that is older by less than this was overtaken by its successors. */
const MAX_OVERTAKEN_MS = 5000;

export class TelephoneEventReceiver {
  /** Timestamp of the newest digit that was told. */
  #reported: number | undefined;

  /**
   * Takes one event packet.
   *
   * @param timestamp - of the RTP packet: all packets of one event have the same (§2.5.1.2)
   * @returns the digit with the first packet that ends it; undefined otherwise
   */
  receive(
    payload: Uint8Array,
    timestamp: number,
    clockRateHz: number,
  ): { readonly digit: string; readonly durationMs: number } | undefined {
    const [event = 255, flags = 0, high = 0, low = 0] = payload;
    if (payload.length < 4 || event >= DIGITS.length) return undefined;
    const hasEnded = (flags & 0x80) !== 0;
    if (!hasEnded || this.#isReported(timestamp, clockRateHz)) return undefined;
    this.#reported = timestamp;
    const durationMs = (((high << 8) | low) * 1000) / clockRateHz;
    if (durationMs > MAX_DURATION_MS) return undefined;
    return { digit: DIGITS.charAt(event), durationMs };
  }

  /** RFC 4733 §2.5.1.4: an end is repeated, and a repetition may arrive after what followed it. */
  #isReported(timestamp: number, clockRateHz: number): boolean {
    if (this.#reported === undefined) return false;
    const olderTicks = (this.#reported - timestamp) | 0;
    return olderTicks >= 0 && olderTicks < (MAX_OVERTAKEN_MS * clockRateHz) / 1000;
  }
}
