// Copies (RFC 2198) for a party whose reports say that it loses: whatever it hears, and only while it loses.
import type { PayloadFormat } from '../engine/types.ts';
import { type RedLevel, RedSender, redTypesOf } from '../red/index.ts';
import { rtpPayloadEnd, rtpPayloadOffset, rtpPayloadType, rtpTimestamp } from '../rtp/index.ts';
import type { OutboundStream } from '../stream/index.ts';

/** For a leg whose party takes RED, and for no other. */
export class OutgoingCopies {
  readonly #outbound: OutboundStream;
  readonly #red = new RedSender();
  /** The payload type of RED by that of what it carries. */
  #redTypes: ReadonlyMap<number, number> = new Map();

  constructor(outbound: OutboundStream) {
    this.#outbound = outbound;
  }

  /** @param formats - that the party takes */
  setFormats(formats: readonly PayloadFormat[]): void {
    this.#redTypes = redTypesOf(formats);
  }

  /** Copies that each packet carries. */
  set level(level: RedLevel) {
    this.#red.level = level;
  }

  /** @returns the packet with copies of those before it, or the packet itself where the party needs none */
  wrap(packet: Uint8Array): Uint8Array {
    if (this.#red.level === 0) return packet;
    const payloadType = rtpPayloadType(packet);
    const redType = this.#redTypes.get(payloadType);
    // Between copies and their packet lies nothing else, so that their age tells which packets they were.
    if (redType === undefined) this.#red.forget();
    const offset = rtpPayloadOffset(packet);
    const plain = packet.subarray(offset, rtpPayloadEnd(packet));
    const payload =
      redType === undefined ? undefined : this.#red.encode(payloadType, plain, rtpTimestamp(packet));
    if (redType === undefined || !payload) return packet;
    const wrapped = new Uint8Array(offset + payload.length);
    wrapped.set(packet.subarray(0, offset));
    wrapped.set(payload, offset);
    const [first = 0, second = 0] = packet;
    // Padding stays behind; the marker goes on.
    wrapped[0] = first & ~0x20;
    wrapped[1] = (second & 0x80) | redType;
    this.#outbound.sentBytes += wrapped.length - packet.length;
    return wrapped;
  }
}
