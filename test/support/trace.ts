// What crossed the network of a world: a digest of all of it, and the SIP messages to read.
import { formatEndpoint } from '../../core/index.ts';
import type { Packet } from '../../media/impairment/index.ts';
import type { LossReason } from './network/packet.ts';

/** One SIP message as it left a host. */
export interface TracedMessage {
  /** Monotonic milliseconds of the world. */
  readonly at: number;
  readonly protocol: 'udp' | 'tcp';
  /** Name of the sending host. */
  readonly from: string;
  /** Name of the receiving host where it is known, else its endpoint. */
  readonly to: string;
  readonly text: string;
  /** Why it did not arrive; undefined where it did, or is under way. */
  lost: LossReason | undefined;
}

/** Where a packet went, and when it arrives or why it does not. */
interface Route {
  readonly from: string;
  readonly to: string;
  readonly fate: number | LossReason;
}

/** Sees each packet as it leaves: what a sniffer at the sender's NAT would. */
export type Tap = (packet: Packet, route: Route, now: number) => void;

/** So many messages are kept for the ladder; the oldest go first. */
const MAX_MESSAGES = 20_000;

const SIP_START = /^(?:SIP\/2\.0 \d{3}|[A-Z]{3,20} \S+ SIP\/2\.0\r?\n)/;

export class Trace {
  readonly #messages: TracedMessage[] = [];
  readonly #byBytes = new WeakMap<Uint8Array, TracedMessage>();
  readonly #taps = new Set<Tap>();
  readonly #decoder = new TextDecoder();
  readonly #counts = { sent: 0, lost: 0 };
  readonly #drops = new Map<LossReason, number>();
  #high = 0x811c9dc5;
  #low = 0x9e3779b9;

  /** Number of datagrams that were sent. */
  get sentCount(): number {
    return this.#counts.sent;
  }

  /** Datagrams that did not arrive, by reason. */
  get drops(): ReadonlyMap<LossReason, number> {
    return this.#drops;
  }

  /** The SIP messages in the order of sending. */
  get messages(): readonly TracedMessage[] {
    return this.#messages;
  }

  /** 16 hexadecimal digits over time, endpoints, fate and bytes of every datagram and segment so far. */
  get digest(): string {
    return [this.#high, this.#low].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** Watches every datagram. @returns a function that stops it */
  tap(tap: Tap): () => void {
    this.#taps.add(tap);
    return () => this.#taps.delete(tap);
  }

  /** A datagram leaves. */
  sent(now: number, packet: Packet, route: Route): void {
    this.#counts.sent += 1;
    this.segment(now, packet, route.fate);
    const message = this.#keep(now, packet, route);
    if (message) this.#byBytes.set(packet.bytes, message);
    if (typeof route.fate === 'string') this.dropped(packet, route.fate);
    for (const tap of this.#taps) tap(packet, route, now);
  }

  /** A datagram that left does not arrive. */
  dropped(packet: Packet, reason: LossReason): void {
    this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + 1);
    const message = this.#byBytes.get(packet.bytes);
    if (message) message.lost = reason;
  }

  /** Bytes are written to a TCP connection. */
  written(now: number, packet: Packet & { readonly from: string; readonly to: string }): void {
    this.#keep(now, packet, packet);
  }

  /** A datagram or segment goes into the digest. */
  segment(now: number, packet: Packet, fate: number | LossReason): void {
    const { source, destination, bytes } = packet;
    this.#mixText(`${now} ${formatEndpoint(source)} ${formatEndpoint(destination)} ${fate}`);
    let high = this.#high;
    let low = this.#low;
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes[i] ?? 0;
      high = Math.imul(high ^ byte, 0x01000193);
      low = Math.imul(low ^ byte, 0x85ebca6b) + i;
    }
    this.#high = high ^ (low >>> 15);
    this.#low = low ^ (high >>> 13);
  }

  #mixText(text: string): void {
    for (let i = 0; i < text.length; i += 1) {
      this.#high = Math.imul(this.#high ^ text.charCodeAt(i), 0x01000193);
      this.#low = Math.imul(this.#low ^ text.charCodeAt(i), 0x85ebca6b) + i;
    }
  }

  #keep(now: number, packet: Packet, way: { from: string; to: string }): TracedMessage | undefined {
    if (!looksLikeSip(packet.bytes)) return undefined;
    const text = this.#decoder.decode(packet.bytes);
    if (!SIP_START.test(text)) return undefined;
    const { from, to } = way;
    const message = { at: now, protocol: packet.protocol, from, to, text, lost: undefined };
    this.#messages.push(message);
    if (this.#messages.length > MAX_MESSAGES) this.#messages.shift();
    return message;
  }
}

/** Cheap, for every datagram of sound passes here: SIP starts with two capital letters. */
function looksLikeSip(bytes: Uint8Array): boolean {
  return isCapital(bytes[0]) && isCapital(bytes[1]);
}

function isCapital(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a;
}
