// One direction of a link: what happens to a packet between two hosts.
import type { Random } from '../../core/index.ts';
import { type DelayTrace, traceDelayAt } from './delay-trace.ts';
import { type LossDecision, type LossModel, noLoss } from './loss.ts';
import { type LinkLoss, type Packet, udpOverheadBytes } from './packet.ts';

/** How a link behaves. Whatever is not given is as in {@link DEFAULT_LINK}. */
export interface LinkOptions {
  /** Time under way. */
  readonly delayMs?: number;
  /** Evenly spread from 0 to this, added to the delay; keeps the order of packets. */
  readonly jitterMs?: number;
  /** Delay and loss of a recorded network, on top of all else; keeps the order of packets. */
  readonly trace?: DelayTrace | undefined;
  readonly loss?: LossModel;
  /** The share of packets that stay behind by `reorderMs`, so that later ones overtake them. */
  readonly reorderRatio?: number;
  readonly reorderMs?: number;
  /** The share of datagrams that arrive twice. */
  readonly duplicateRatio?: number;
  /** Bits a second, headers included; not limited where not given. */
  readonly rateBitsPerSecond?: number;
  /** What waits longer than this for its turn on a link with a rate is dropped. */
  readonly queueMs?: number;
  /** The largest IP packet; larger datagrams travel in fragments. */
  readonly mtuBytes?: number;
  /** Whether fragments get through, each with its own chance of loss, or are dropped as many firewalls do. */
  readonly fragments?: 'deliver' | 'drop';
}

export const DEFAULT_LINK = {
  delayMs: 5,
  jitterMs: 0,
  trace: undefined,
  loss: noLoss,
  reorderRatio: 0,
  reorderMs: 30,
  duplicateRatio: 0,
  rateBitsPerSecond: Number.POSITIVE_INFINITY,
  queueMs: 200,
  mtuBytes: 1500,
  fragments: 'deliver',
} as const satisfies Required<LinkOptions>;

/** The state of one direction between two hosts. */
export class LinkDirection {
  readonly #random: Random;
  #options: Required<LinkOptions> = DEFAULT_LINK;
  #isLost: LossDecision = () => false;
  #lastArrivalAt = 0;
  #busyUntil = 0;
  /** When the trace began: with the first packet. */
  #traceStartAt: number | undefined;

  constructor(random: Random, options: LinkOptions) {
    this.#random = random;
    this.change(options);
  }

  /** Changes the behaviour; a loss model starts anew, what is under way arrives as it would have. */
  change(options: LinkOptions): void {
    this.#options = { ...DEFAULT_LINK, ...options };
    this.#isLost = this.#options.loss.start(this.#random);
  }

  /** @returns when the packet arrives, or why it does not */
  transit(now: number, packet: Packet): number | LinkLoss {
    const lost = this.#isDropped(packet);
    if (lost) return lost;
    const sentAt = this.#sentAt(now, packet);
    if (sentAt === undefined) return 'queue of the link full';
    const recordedMs = this.#recordedMs(now);
    if (recordedMs === null) return 'lost by the link';
    const { delayMs, jitterMs, reorderRatio, reorderMs } = this.#options;
    const at = sentAt + delayMs + recordedMs + (jitterMs > 0 ? this.#random.float() * jitterMs : 0);
    if (reorderRatio > 0 && packet.protocol === 'udp' && this.#random.float() < reorderRatio) {
      return at + reorderMs;
    }
    this.#lastArrivalAt = Math.max(at, this.#lastArrivalAt);
    return this.#lastArrivalAt;
  }

  isDuplicated(): boolean {
    const { duplicateRatio } = this.#options;
    return duplicateRatio > 0 && this.#random.float() < duplicateRatio;
  }

  #recordedMs(now: number): number | null {
    const { trace } = this.#options;
    if (!trace) return 0;
    this.#traceStartAt ??= now;
    return traceDelayAt(trace, now - this.#traceStartAt);
  }

  #isDropped(packet: Packet): LinkLoss | undefined {
    const { mtuBytes, fragments } = this.#options;
    const sizeBytes = packet.bytes.length + udpOverheadBytes(packet.destination.address);
    // TCP cuts its segments to fit; only datagrams are fragmented.
    const isFragmented = packet.protocol === 'udp' && sizeBytes > mtuBytes;
    if (isFragmented && fragments === 'drop') return 'fragment dropped';
    const count = isFragmented ? Math.ceil(sizeBytes / mtuBytes) : 1;
    for (let i = 0; i < count; i += 1) if (this.#isLost(packet)) return 'lost by the link';
    return undefined;
  }

  #sentAt(now: number, packet: Packet): number | undefined {
    const { rateBitsPerSecond, queueMs } = this.#options;
    if (!Number.isFinite(rateBitsPerSecond)) return now;
    const startAt = Math.max(now, this.#busyUntil);
    // TCP slows down where a queue is long; a datagram is dropped.
    if (packet.protocol === 'udp' && startAt - now > queueMs) return undefined;
    const sizeBytes = packet.bytes.length + udpOverheadBytes(packet.destination.address);
    this.#busyUntil = startAt + (sizeBytes * 8_000) / rateBitsPerSecond;
    return this.#busyUntil;
  }
}
