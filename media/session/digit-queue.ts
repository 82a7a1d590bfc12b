// Digits that a phone sends: each is a telephone-event in the place of sound, with a pause behind it.
import type { PayloadFormat } from '../engine/types.ts';
import { DIGITS, TelephoneEventSender } from '../telephone-event/index.ts';

/** Length of a digit, and of the pause behind it: well over the 40 ms that every receiver takes. */
const DIGIT_MS = 100;
const PAUSE_MS = 80;
/** Digits that wait at most: longer than any number. */
const MAX_DIGITS = 64;

/** An event packet in the terms of the RTP header. */
export interface DigitPacket {
  readonly payload: Uint8Array;
  readonly payloadType: number;
  readonly timestamp: number;
  readonly marker: boolean;
}

/** The digit that is sent now, in the format that was agreed on when it began. */
interface CurrentDigit {
  readonly sender: TelephoneEventSender;
  readonly payloadType: number;
  /** RTP timestamp of its beginning, which all its packets have (RFC 4733 §2.5.1.2). */
  readonly timestamp: number;
}

export class DigitQueue {
  #format: PayloadFormat | undefined;
  #waiting = '';
  #current: CurrentDigit | undefined;
  #pauseMs = 0;

  /** @param format - telephone-event as the far end takes it; undefined where it takes none: then nothing waits */
  setFormat(format: PayloadFormat | undefined): void {
    this.#format = format;
    if (format) return;
    this.#waiting = '';
    this.#current = undefined;
  }

  /** @returns false where they cannot all be sent: then none is */
  push(digits: string): boolean {
    const events = digits.toUpperCase();
    const areDigits = [...events].every((digit) => DIGITS.includes(digit));
    if (!this.#format || !areDigits || this.#waiting.length + events.length > MAX_DIGITS) return false;
    this.#waiting += events;
    return true;
  }

  /**
   * The packet of this beat; undefined where sound may go out.
   *
   * @param timestamp - of this beat
   * @param frameMs - time until the next one
   */
  next(timestamp: number, frameMs: number): DigitPacket | undefined {
    if (this.#pauseMs > 0) {
      this.#pauseMs -= frameMs;
      return undefined;
    }
    this.#current ??= this.#begin(timestamp, frameMs);
    const packet = this.#current?.sender.next();
    if (!this.#current || !packet) return undefined;
    const { payloadType, timestamp: startedAt } = this.#current;
    if (packet.isLast) {
      this.#current = undefined;
      this.#pauseMs = PAUSE_MS;
    }
    return { payload: packet.payload, marker: packet.marker, payloadType, timestamp: startedAt };
  }

  #begin(timestamp: number, frameMs: number): CurrentDigit | undefined {
    const digit = this.#waiting.charAt(0);
    if (!this.#format || digit === '') return undefined;
    this.#waiting = this.#waiting.slice(1);
    const { payloadType, clockRateHz } = this.#format;
    const ticksPerMs = clockRateHz / 1000;
    const sender = new TelephoneEventSender(Math.round(frameMs * ticksPerMs), DIGIT_MS * ticksPerMs);
    sender.push(digit);
    return { sender, payloadType, timestamp };
  }
}
