// Packets of another length, for parties that share a sample-based codec: cut anew between samples, never decoded.
import type { PayloadFormat } from '../engine/types.ts';
import type { Conversion, Leg, PacketOutcome } from '../leg/index.ts';
import { rtpPayloadEnd, rtpPayloadType, rtpSequenceNumber, rtpSsrc, rtpTimestamp } from '../rtp/index.ts';
import { bytesPerFrame, type ConversionPlan } from './conversion-plan.ts';
import { EventTranslator } from './event-translator.ts';
import { PacketStream } from './packet-stream.ts';

/** A hole in the timestamps that is longer is a new beginning, not a loss or a pause. */
const LONGEST_GAP_MS = 10_000;

/**
 * Sends a packet whenever there is enough for one. What is lost stays a hole in numbers and timestamps, a pause one in
 * timestamps alone.
 */
export class Repacketizer implements Conversion {
  readonly #plan: ConversionPlan;
  readonly #stream: PacketStream;
  readonly #events: EventTranslator | undefined;
  readonly #eventTypes: ReadonlySet<number>;
  readonly #bytesPerFrame: number;
  /** Sound that is not a whole packet yet. */
  readonly #pending: Uint8Array;
  #pendingBytes = 0;
  #ssrc: number | undefined;
  /** Timestamp of the next packet in order, and the sequence number, which digits count, too. */
  #expected = 0;
  #nextSequence = 0;
  /** When sound came last, or the first digit where none did. */
  #soundAt: number | undefined;

  constructor(plan: ConversionPlan, to: Leg) {
    this.#plan = plan;
    this.#stream = new PacketStream(to);
    const events = plan.from.filter(({ encoding }) => encoding === 'telephone-event');
    this.#eventTypes = new Set(events.map(({ payloadType }) => payloadType));
    this.#events = plan.toEvents && new EventTranslator(events, plan.toEvents);
    this.#bytesPerFrame = bytesPerFrame(plan.to);
    this.#pending = new Uint8Array(ticksOf(plan.ptimeMs, plan.to) * this.#bytesPerFrame);
  }

  handlePacket(now: number, packet: Uint8Array, offset: number): PacketOutcome {
    if (this.#eventTypes.has(rtpPayloadType(packet))) return this.#handleEvent(now, packet, offset);
    const payload = packet.subarray(offset, rtpPayloadEnd(packet));
    if (payload.length % this.#bytesPerFrame !== 0) return 'malformed';
    if (!this.#follow(now, packet)) return 'late';
    this.#soundAt = now;
    this.#nextSequence = rtpSequenceNumber(packet) + 1;
    this.#expected = (rtpTimestamp(packet) + payload.length / this.#bytesPerFrame) >>> 0;
    this.#append(now, payload);
    return 'consumed';
  }

  close(): void {}

  /**
   * Timestamps that go back while sequence numbers do not are those of a sender that began anew.
   *
   * @returns whether the packet's place in the stream is still ahead
   */
  #follow(now: number, packet: Uint8Array): boolean {
    const gapTicks = (rtpTimestamp(packet) - this.#expected) | 0;
    const isSame = rtpSsrc(packet) === this.#ssrc;
    if (isSame && gapTicks === 0) return true;
    const limitTicks = ticksOf(LONGEST_GAP_MS, this.#plan.to);
    const aheadPackets = ((rtpSequenceNumber(packet) - this.#nextSequence) << 16) >> 16;
    if (isSame && gapTicks < 0 && gapTicks > -limitTicks && aheadPackets < 0) return false;
    this.#flush(now);
    if (isSame && gapTicks > 0 && gapTicks < limitTicks) {
      this.#stream.skip(aheadPackets > 0 ? this.#packetsIn(gapTicks) : 0, gapTicks);
    } else this.#stream.to.interrupt();
    this.#ssrc = rtpSsrc(packet);
    return true;
  }

  #append(now: number, payload: Uint8Array): void {
    let at = 0;
    while (at < payload.length) {
      const part = payload.subarray(at, at + this.#pending.length - this.#pendingBytes);
      this.#pending.set(part, this.#pendingBytes);
      this.#pendingBytes += part.length;
      at += part.length;
      if (this.#pendingBytes === this.#pending.length) this.#flush(now);
    }
  }

  /** A packet that a hole cuts short is short: any length can be played. */
  #flush(now: number): void {
    if (this.#pendingBytes === 0) return;
    const payload = this.#pending.subarray(0, this.#pendingBytes);
    this.#stream.sendSound(now, this.#plan.to.payloadType, payload);
    this.#stream.advance(payload.length / this.#bytesPerFrame);
    this.#pendingBytes = 0;
  }

  #packetsIn(ticks: number): number {
    return Math.max(1, Math.round(ticks / ticksOf(this.#plan.ptimeMs, this.#plan.to)));
  }

  #handleEvent(now: number, packet: Uint8Array, offset: number): PacketOutcome {
    this.#flush(now);
    this.#nextSequence = rtpSequenceNumber(packet) + 1;
    this.#soundAt ??= now;
    // Each digit its own place, also where no sound comes between two: they are told apart by it (RFC 4733 §2.5.1.2).
    const sinceTicks = ticksOf(now - this.#soundAt, this.#plan.to);
    const event = this.#events?.translate(packet, offset, (this.#stream.timestamp + sinceTicks) >>> 0);
    if (event) this.#stream.sendEvent(now, event);
    return 'consumed';
  }
}

function ticksOf(durationMs: number, { clockRateHz }: PayloadFormat): number {
  return Math.round((durationMs * clockRateHz) / 1000);
}
