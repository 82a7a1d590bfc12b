// Packets with copies (RFC 2198) end at the leg that gets them: what was lost is found in a copy, and all goes on plain.
import type { PayloadFormat } from '../engine/types.ts';
import type { JitterFrame } from '../jitter/types.ts';
import { encodeRtp, rtpMarker, rtpPayloadEnd, rtpPayloadType, rtpSsrc, rtpTimestamp } from '../rtp/index.ts';
import { IncomingRed } from '../session/incoming-red.ts';
import type { PacketOutcome } from './passage.ts';

/** Found packets that are remembered, should they come themselves after all. */
const REMEMBERED = 32;

/** How a packet stands in its stream. */
export interface PacketPlace {
  /** RFC 3550 A.1. */
  readonly extendedSequenceNumber: number;
  readonly clockRateHz: number;
}

/** For a leg whose party may send RED, and for no other. */
export class IncomingCopies {
  readonly #red = new IncomingRed();
  /** Extended sequence numbers of packets that went on as copies, by their lower bits. */
  readonly #found = new Float64Array(REMEMBERED).fill(Number.NaN);
  #ssrc: number | undefined;

  /** @param formats - that the party may send */
  setFormats(formats: readonly PayloadFormat[]): void {
    this.#red.setFormats(formats);
  }

  /**
   * Takes a packet, plain or with copies.
   *
   * @param take - gets plain packets in order: those that were lost, then this one; says what became of each
   * @returns what became of this one
   */
  receive(
    now: number,
    packet: Uint8Array,
    { offset, ...place }: PacketPlace & { readonly offset: number },
    take: (packet: Uint8Array, isCopy: boolean) => PacketOutcome,
  ): PacketOutcome {
    this.#follow(rtpSsrc(packet));
    const slot = place.extendedSequenceNumber % REMEMBERED;
    if (this.#found[slot] === place.extendedSequenceNumber) return 'late';
    let outcome: PacketOutcome = 'malformed';
    const frame = frameOf(now, packet, { offset, ...place });
    const failure = this.#red.receive(frame, (block) => {
      const { isRedundant = false, extendedSequenceNumber } = block;
      // A plain packet goes on as it came, with the header extensions that it has.
      const became = take(block === frame ? packet : packetOf(block), isRedundant);
      if (isRedundant) this.#found[extendedSequenceNumber % REMEMBERED] = extendedSequenceNumber;
      else outcome = became;
    });
    return failure ?? outcome;
  }

  /** Another source has its own numbers. */
  #follow(ssrc: number): void {
    if (ssrc === this.#ssrc) return;
    this.#ssrc = ssrc;
    this.#found.fill(Number.NaN);
  }
}

function frameOf(
  now: number,
  packet: Uint8Array,
  { offset, ...place }: PacketPlace & { readonly offset: number },
): JitterFrame {
  return {
    ...place,
    payloadType: rtpPayloadType(packet),
    payload: packet.subarray(offset, rtpPayloadEnd(packet)),
    timestamp: rtpTimestamp(packet),
    ssrc: rtpSsrc(packet),
    marker: rtpMarker(packet),
    arrivedAt: now,
  };
}

function packetOf({ payload, extendedSequenceNumber, ...fields }: JitterFrame): Uint8Array {
  return encodeRtp({ ...fields, sequenceNumber: extendedSequenceNumber & 0xffff }, payload);
}
