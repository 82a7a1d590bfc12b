// Telephone-events of one party (RFC 4733) as another takes them: its payload type, its clock, its place in the stream.
import type { PayloadFormat } from '../engine/types.ts';
import { isEventFormat } from '../leg/format-table.ts';
import { rtpPayloadType, rtpTimestamp, uint16At } from '../rtp/index.ts';
import type { OutgoingEvent } from './packet-stream.ts';

const EVENT_BYTES = 4;
const LONGEST_TICKS = 0xffff;

/** Follows the events of one stream. All packets of an event keep the timestamp at which its first one left (§2.5.1.2). */
export class EventTranslator {
  readonly #to: PayloadFormat;
  readonly #clockRatesHz: ReadonlyMap<number, number>;
  /** The newest event and the one before it, whose end may come again behind the beginning of the next. */
  #newest = { from: -1, to: 0 };
  #earlier = { from: -1, to: 0 };

  /** @param from - formats of the sender, of which sound is not looked at, also where no codec can take it */
  constructor(from: readonly PayloadFormat[], to: PayloadFormat) {
    this.#to = to;
    const events = from.filter(isEventFormat);
    this.#clockRatesHz = new Map(events.map(({ payloadType, clockRateHz }) => [payloadType, clockRateHz]));
  }

  /**
   * @param packet - RTP, of an event; its payload begins at `offset`
   * @param streamTimestamp - where the outgoing stream stands: on the clock of its sound, whatever the event's is
   * @returns undefined where the payload is no event
   */
  translate(packet: Uint8Array, offset: number, streamTimestamp: number): OutgoingEvent | undefined {
    const clockRateHz = this.#clockRatesHz.get(rtpPayloadType(packet));
    if (clockRateHz === undefined || packet.length < offset + EVENT_BYTES) return undefined;
    const payload = packet.slice(offset, offset + EVENT_BYTES);
    // Departs from RFC 4733 §2.5.1.3: what is longer than 16 bits of ticks is cut there, not sent in segments.
    const ticks = Math.round((uint16At(payload, 2) * this.#to.clockRateHz) / clockRateHz);
    new DataView(payload.buffer).setUint16(2, Math.min(LONGEST_TICKS, ticks));
    const from = rtpTimestamp(packet);
    const marker = from !== this.#newest.from && from !== this.#earlier.from;
    if (marker) {
      this.#earlier = this.#newest;
      this.#newest = { from, to: streamTimestamp };
    }
    const { to: timestamp } = from === this.#newest.from ? this.#newest : this.#earlier;
    return { payload, payloadType: this.#to.payloadType, timestamp, marker };
  }
}
