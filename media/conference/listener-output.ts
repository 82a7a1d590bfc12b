// What one listener gets: packets of whichever stream it hears now, in one unbroken row of numbers and timestamps.
import type { PayloadFormat } from '../engine/types.ts';
import type { Leg } from '../leg/index.ts';
import { rewriteRtpIdentity } from '../rtp/index.ts';
import { SLOT_MS } from './mix-stream.ts';

const MARKER = 0x80;

export class ListenerOutput {
  readonly #leg: Leg;
  readonly #payloadType: number;
  readonly #ticksASlot: number;
  #sequenceNumber = 0;
  #lastSlot = Number.NEGATIVE_INFINITY;
  readonly #slotsAFrame: number;

  constructor(leg: Leg, { payloadType, clockRateHz }: PayloadFormat, ptimeMs: number) {
    this.#leg = leg;
    this.#payloadType = payloadType;
    this.#ticksASlot = (clockRateHz * SLOT_MS) / 1000;
    this.#slotsAFrame = ptimeMs / SLOT_MS;
  }

  /**
   * @param packet - with its CSRCs and its payload in place; what is the listener's own is written into it
   * @param slot - at which its sound begins
   */
  send(now: number, packet: Uint8Array, slot: number): void {
    if (this.#leg.isPlaying) return;
    // RFC 3551 §4.1: the first packet after a silence is marked.
    const isFirst = slot !== this.#lastSlot + this.#slotsAFrame;
    packet[1] = isFirst ? this.#payloadType | MARKER : this.#payloadType;
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    // Another source than any party's, so that the leg goes on with its stream's numbers.
    rewriteRtpIdentity(packet, this.#sequenceNumber, (slot * this.#ticksASlot) | 0, this.#leg.ssrc);
    this.#lastSlot = slot;
    this.#leg.send(now, packet);
  }
}
