// Telephone-events as they arrive (RFC 4733): one digit an event, whatever is lost, repeated or overtaken.
//
// |     event     |E|R| volume    |          duration             |

/** Events 0 to 15 (RFC 4733 §3.2). */
export const DIGITS = '0123456789*#ABCD';

const PAYLOAD_BYTES = 4;
/** RFC 4733 §2.5.1.3: a longer event goes on in a new segment, which begins that much later. */
const SEGMENT_TICKS = 0xffff;
/** The same key again within that of its own end is the same event under another timestamp: nobody presses so fast. */
const LEAST_PAUSE_MS = 20;
/** A packet that is older by less than this was overtaken by its successors. */
const MAX_OVERTAKEN_MS = 5000;
/** An event of which no packet came for so long has ended: updates come every 20 to 50 ms. */
const GIVE_UP_MS = 200;
/** Events that are known by their timestamps: more than are pressed in {@link MAX_OVERTAKEN_MS}. */
const REMEMBERED = 64;

/** A digit and how long it was held, as far as that is known. */
export interface ReceivedDigit {
  readonly digit: string;
  readonly durationMs: number;
}

interface Event {
  readonly code: number;
  /** Of its newest segment. */
  timestamp: number;
  /** Of the segments before. */
  earlierTicks: number;
  /** Of the newest segment. */
  ticks: number;
  readonly clockRateHz: number;
}

/**
 * Tells each event once: with the first packet that ends it; without one, with the next event or, by
 * {@link TelephoneEventReceiver.expire}, when its packets stop. So one packet of an event is enough; where that one
 * comes behind the next event, the two digits change places. An event that was told is never told again.
 */
export class TelephoneEventReceiver {
  /** The newest event, told or not. */
  #newest: Event | undefined;
  #isOpen = false;
  #heardAt = 0;
  /** Timestamps of events and their segments, the newest at the end. */
  readonly #known: number[] = [];
  /** To be told: two at most, for one packet may end an event and be the end of the next. */
  readonly #ready: ReceivedDigit[] = [];

  /** Whether {@link TelephoneEventReceiver.expire} may have something to tell. */
  get isOpen(): boolean {
    return this.#isOpen || this.#ready.length > 0;
  }

  /**
   * Takes one event packet.
   *
   * @param packet.timestamp - of the RTP packet: all packets of one event have the same (§2.5.1.2)
   * @returns a digit that has ended; undefined otherwise
   */
  receive(
    now: number,
    payload: Uint8Array,
    { timestamp, clockRateHz }: { readonly timestamp: number; readonly clockRateHz: number },
  ): ReceivedDigit | undefined {
    const [code = 255, flags = 0, high = 0, low = 0] = payload;
    const ticks = (high << 8) | low;
    const hasEnded = (flags & 0x80) !== 0;
    // What ended before it began is no digit; what only begins may have no duration yet.
    if (payload.length >= PAYLOAD_BYTES && code < DIGITS.length && !(hasEnded && ticks === 0)) {
      this.#take(now, { code, timestamp, earlierTicks: 0, ticks, clockRateHz }, hasEnded);
    }
    return this.#ready.shift();
  }

  /** To be called from time to time while {@link TelephoneEventReceiver.isOpen}. @returns as `receive` */
  expire(now: number): ReceivedDigit | undefined {
    if (now - this.#heardAt >= GIVE_UP_MS) this.#close();
    return this.#ready.shift();
  }

  #take(now: number, packet: Event, hasEnded: boolean): void {
    const event = this.#newest;
    const isSame = event !== undefined && isSameEvent(event, packet);
    if (isSame) this.#extend(event, packet);
    else if (this.#known.includes(packet.timestamp)) return;
    else if (event && isOvertaken(event, packet)) return this.#tellOvertaken(packet);
    else this.#begin(packet);
    this.#heardAt = now;
    if (hasEnded) this.#close();
  }

  #begin(packet: Event): void {
    this.#close();
    this.#newest = packet;
    this.#isOpen = true;
    this.#remember(packet.timestamp);
  }

  #extend(event: Event, { timestamp, ticks }: Event): void {
    if (timestamp !== event.timestamp) {
      event.earlierTicks += (timestamp - event.timestamp) >>> 0;
      event.timestamp = timestamp;
      event.ticks = 0;
      this.#remember(timestamp);
    }
    event.ticks = Math.max(event.ticks, ticks);
  }

  /** The first packet of an event that comes behind the next event: its others may not come at all. */
  #tellOvertaken(packet: Event): void {
    this.#remember(packet.timestamp);
    this.#ready.push(digitOf(packet));
  }

  #close(): void {
    if (this.#isOpen && this.#newest) this.#ready.push(digitOf(this.#newest));
    this.#isOpen = false;
  }

  #remember(timestamp: number): void {
    this.#known.push(timestamp);
    if (this.#known.length > REMEMBERED) this.#known.shift();
  }
}

/** Whether a packet that is no older belongs to the event, under its timestamp or that of a further segment. */
function isSameEvent(event: Event, packet: Event): boolean {
  const laterTicks = (packet.timestamp - event.timestamp) | 0;
  if (laterTicks === 0) return true;
  if (laterTicks < 0 || packet.code !== event.code) return false;
  const pauseTicks = (LEAST_PAUSE_MS * event.clockRateHz) / 1000;
  const isNextSegment = laterTicks === SEGMENT_TICKS && event.ticks > SEGMENT_TICKS / 2;
  return isNextSegment || laterTicks <= event.ticks + pauseTicks;
}

function isOvertaken(event: Event, { timestamp, clockRateHz }: Event): boolean {
  const olderTicks = (event.timestamp - timestamp) | 0;
  return olderTicks > 0 && olderTicks < (MAX_OVERTAKEN_MS * clockRateHz) / 1000;
}

function digitOf({ code, earlierTicks, ticks, clockRateHz }: Event): ReceivedDigit {
  return { digit: DIGITS.charAt(code), durationMs: ((earlierTicks + ticks) * 1000) / clockRateHz };
}
