// The digits of one party that come as telephone-events (RFC 4733), each told of once.
import { rtpPayloadEnd, rtpTimestamp } from '../rtp/index.ts';
import { type ReceivedDigit, TelephoneEventReceiver } from '../telephone-event/receiver.ts';

/** Its owner keeps whether a digit is open, so that a packet of sound need not look here. */
export class LegDigits {
  readonly #receiver = new TelephoneEventReceiver();
  readonly #onDigit: (digit: ReceivedDigit) => void;

  constructor(onDigit: (digit: ReceivedDigit) => void) {
    this.#onDigit = onDigit;
  }

  /**
   * Takes a packet of events whose payload begins at `offset`.
   *
   * @returns whether a digit waits for its end
   */
  handlePacket(now: number, packet: Uint8Array, offset: number, clockRateHz: number): boolean {
    const payload = packet.subarray(offset, rtpPayloadEnd(packet));
    return this.#tell(this.#receiver.receive(now, payload, { timestamp: rtpTimestamp(packet), clockRateHz }));
  }

  /** Something else came, or nothing. @returns the same */
  expire(now: number): boolean {
    return this.#tell(this.#receiver.expire(now));
  }

  #tell(digit: ReceivedDigit | undefined): boolean {
    if (digit) this.#onDigit(digit);
    return this.#receiver.isOpen;
  }
}
