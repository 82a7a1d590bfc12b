// What one listener gets: packets of whichever stream it hears now, in one unbroken row of numbers and timestamps.
import type { PayloadFormat } from '../engine/types.ts';
import type { Leg } from '../leg/index.ts';
import { rewriteRtpIdentity } from '../rtp/index.ts';
import { SLOT_MS } from './mix-stream.ts';

const MARKER = 0x80;

export interface ListenerOutputOptions {
  readonly format: PayloadFormat;
  /** Payload type of comfort noise (RFC 3389); undefined where the listener takes none. */
  readonly comfortNoise: number | undefined;
  readonly ptimeMs: number;
}

export class ListenerOutput {
  readonly #leg: Leg;
  readonly #payloadType: number;
  readonly #comfortNoise: number | undefined;
  readonly #ticksASlot: number;
  #sequenceNumber = 0;
  #lastSlot = Number.NEGATIVE_INFINITY;
  readonly #slotsAFrame: number;

  constructor(leg: Leg, { format, comfortNoise, ptimeMs }: ListenerOutputOptions) {
    const { payloadType, clockRateHz } = format;
    this.#leg = leg;
    this.#payloadType = payloadType;
    this.#comfortNoise = comfortNoise;
    this.#ticksASlot = (clockRateHz * SLOT_MS) / 1000;
    this.#slotsAFrame = ptimeMs / SLOT_MS;
  }

  /** Whether the listener makes its own noise of what it is told (RFC 3389). */
  get takesComfortNoise(): boolean {
    return this.#comfortNoise !== undefined;
  }

  /** The same as {@link ListenerOutput.send}, of a packet of comfort noise. */
  sendComfortNoise(now: number, packet: Uint8Array, slot: number): void {
    this.#send(now, packet, slot, this.#comfortNoise ?? this.#payloadType);
  }

  /**
   * @param packet - with its CSRCs and its payload in place; what is the listener's own is written into it
   * @param slot - at which its sound begins
   */
  send(now: number, packet: Uint8Array, slot: number): void {
    this.#send(now, packet, slot, this.#payloadType);
  }

  #send(now: number, packet: Uint8Array, slot: number, payloadType: number): void {
    if (this.#leg.isPlaying) return;
    // RFC 3551 §4.1: the first packet after a silence is marked.
    const isFirst = slot !== this.#lastSlot + this.#slotsAFrame;
    packet[1] = isFirst ? payloadType | MARKER : payloadType;
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    // Another source than any party's, so that the leg goes on with its stream's numbers.
    rewriteRtpIdentity(packet, this.#sequenceNumber, (slot * this.#ticksASlot) | 0, this.#leg.ssrc);
    this.#lastSlot = slot;
    this.#leg.send(now, packet);
  }
}
