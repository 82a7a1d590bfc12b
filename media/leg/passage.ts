// What stands between two legs in one direction: nothing for most packets, a conversion for those that need it.
import type { PayloadFormat } from '../engine/types.ts';
import { byteAt, clearRtpExtensions, rewriteRtpPayloadType } from '../rtp/index.ts';
import type { DiscardReason } from './counters.ts';
import { isSameFormat } from './format-table.ts';
import type { Leg } from './leg.ts';

/** Makes other packets of those that cannot go to the peer as they are. It copies what it keeps. */
export interface Conversion {
  /**
   * Takes a packet whose payload begins at `offset`.
   *
   * @param isCopy - whether a later packet carried it (RFC 2198): it says nothing of its own packet's delay
   * @returns `consumed`, or why it was of no use
   */
  handlePacket(now: number, packet: Uint8Array, offset: number, isCopy: boolean): PacketOutcome;
  /** A packet of this payload type passes as it is: what makes sound on a beat of its own rests where that is sound. */
  handlePlain?(payloadType: number): void;
  close(): void;
}

/** Where what a leg receives goes: to another party, or into a room. Whoever connects the leg makes it, and closes it. */
export interface Destination {
  /** The party that hears it; undefined where that is not one party. */
  readonly to: Leg | undefined;
  /**
   * Takes one packet, in place; its payload begins at `offset`.
   *
   * @param isCopy - whether a later packet carried it (RFC 2198): it says nothing of its own packet's delay
   */
  pass(now: number, packet: Uint8Array, payloadType: number, offset: number, isCopy?: boolean): PacketOutcome;
  /** Packets were withheld, or their numbers jumped: what is heard next joins what was heard last. */
  interrupt(): void;
  close(): void;
}

/** What became of a packet that was in order. */
export type PacketOutcome = 'forwarded' | 'consumed' | DiscardReason;

/** The peer has no such format, and nothing converts to it. */
const NO_ROUTE = 0xff;
/** Through the conversion. */
const CONVERTED = 0xfe;

/** One direction of a connection. What passes as it is costs one look into a table. */
export class Passage implements Destination {
  readonly to: Leg;
  /** For each payload type of the sender, the one under which the peer knows the same format, or one of the above. */
  readonly #routes = new Uint8Array(128).fill(NO_ROUTE);
  // Of the packet before, as in FormatTable: thousands of tables are never in a cache.
  #lastPayloadType = -1;
  #lastRoute = NO_ROUTE;
  #conversion: Conversion | undefined;
  #onMissing: (() => void) | undefined;

  constructor(to: Leg) {
    this.to = to;
  }

  get conversion(): Conversion | undefined {
    return this.#conversion;
  }

  /**
   * Renumbers each format to the peer's payload type of the same (RFC 3264 §5.1: each side numbers its own).
   *
   * @param to - undefined before the peer has SDP
   */
  relay(from: readonly PayloadFormat[], to: readonly PayloadFormat[] | undefined): void {
    this.#lastPayloadType = -1;
    this.#routes.fill(NO_ROUTE);
    for (const format of from) {
      const matches = to?.filter((candidate) => isSameFormat(format, candidate)) ?? [format];
      const match = matches.find(({ payloadType }) => payloadType === format.payloadType) ?? matches[0];
      if (match) this.#routes[format.payloadType] = match.payloadType;
    }
  }

  /** Sends these payload types through a conversion, which is the passage's from now on. */
  convert(payloadTypes: readonly number[], conversion: Conversion): void {
    if (conversion !== this.#conversion) this.close();
    this.#conversion = conversion;
    this.#route(payloadTypes);
  }

  /** Drops these payload types until their conversion is there. @param onMissing - called with each that is dropped */
  awaitConversion(payloadTypes: readonly number[], onMissing: () => void): void {
    this.close();
    this.#onMissing = onMissing;
    this.#route(payloadTypes);
  }

  pass(now: number, packet: Uint8Array, payloadType: number, offset: number, isCopy = false): PacketOutcome {
    const { to } = this;
    if (to.isPlaying) return 'tone';
    const route = payloadType === this.#lastPayloadType ? this.#lastRoute : this.#lookUp(payloadType);
    if (route === NO_ROUTE) return 'peer-format';
    if (route === CONVERTED) return this.#convert(now, packet, offset, isCopy);
    this.#conversion?.handlePlain?.(payloadType);
    if (route !== payloadType) rewriteRtpPayloadType(packet, route, false);
    // RFC 8285 §5: each side numbers its extensions for itself; none is negotiated through us.
    if ((byteAt(packet, 0) & 0x10) !== 0) clearRtpExtensions(packet);
    return to.send(now, packet) ? 'forwarded' : 'peer-not-ready';
  }

  interrupt(): void {
    this.to.interrupt();
  }

  close(): void {
    this.#conversion?.close();
    this.#conversion = undefined;
    this.#onMissing = undefined;
  }

  #convert(now: number, packet: Uint8Array, offset: number, isCopy: boolean): PacketOutcome {
    if (!this.to.isReady) {
      this.interrupt();
      return 'peer-not-ready';
    }
    if (this.#conversion) return this.#conversion.handlePacket(now, packet, offset, isCopy);
    this.#onMissing?.();
    return 'no-codec';
  }

  #lookUp(payloadType: number): number {
    this.#lastPayloadType = payloadType;
    this.#lastRoute = this.#routes[payloadType] ?? NO_ROUTE;
    return this.#lastRoute;
  }

  #route(payloadTypes: readonly number[]): void {
    this.#lastPayloadType = -1;
    for (const payloadType of payloadTypes) this.#routes[payloadType] = CONVERTED;
  }
}
