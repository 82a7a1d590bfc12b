// Digits that a phone sends: each is a telephone-event in the place of sound, with a pause behind it.
import type { PayloadFormat } from '../engine/types.ts';
import { TelephoneEventSender } from '../telephone-event/index.ts';

const FRAME_MS = 20;
/** Length of a digit, and of the pause behind it: well over the 40 ms that every receiver takes. */
const DIGIT_MS = 100;
const PAUSE_FRAMES = 4;
/** Digits that wait at most: longer than any number. */
const MAX_DIGITS = 64;

/** An event packet in the terms of the RTP header. */
export interface DigitPacket {
  readonly payload: Uint8Array;
  readonly payloadType: number;
  readonly timestamp: number;
  readonly marker: boolean;
}

export class DigitQueue {
  #sender: TelephoneEventSender | undefined;
  #payloadType = 0;
  #startedAt = 0;
  #pause = 0;

  /** @param format - telephone-event as the far end takes it; undefined where it takes none */
  setFormat(format: PayloadFormat | undefined): void {
    if (!format) {
      this.#sender = undefined;
      return;
    }
    const ticksPerMs = format.clockRateHz / 1000;
    this.#payloadType = format.payloadType;
    this.#sender ??= new TelephoneEventSender(FRAME_MS * ticksPerMs, DIGIT_MS * ticksPerMs);
  }

  push(digits: string): boolean {
    const sender = this.#sender;
    if (!sender || sender.pending + digits.length > MAX_DIGITS) return false;
    return sender.push(digits) === digits.length;
  }

  /** The packet of this beat; undefined where sound may go out. @param timestamp - of this beat */
  next(timestamp: number): DigitPacket | undefined {
    if (this.#pause > 0) {
      this.#pause -= 1;
      return undefined;
    }
    const packet = this.#sender?.next();
    if (!packet) return undefined;
    if (packet.marker) this.#startedAt = timestamp;
    if (packet.isLast) this.#pause = PAUSE_FRAMES;
    const { payload, marker } = packet;
    return { payload, marker, payloadType: this.#payloadType, timestamp: this.#startedAt };
  }
}
