// What goes to one party as one continuous stream, whoever it comes from (RFC 3550 §5.1), and what the party says of it.
import type { QualityHistory, VoipMetrics } from '../quality/index.ts';
import type { ReportBlock, RunLengthBlock } from '../rtcp/index.ts';
import {
  RTP_HEADER_BYTES,
  rewriteRtpIdentity,
  rewriteRtpPayloadType,
  rtpPayloadType,
  rtpSequenceNumber,
  rtpSsrc,
  rtpTimestamp,
} from '../rtp/index.ts';
import { OutboundHistory } from './outbound-history.ts';
import { isPossibleJitter, isPossibleLoss } from './report-check.ts';
import { ReportedLosses } from './reported-losses.ts';
import { RoundTrip } from './round-trip.ts';

/** The party's view, by its last report that can be true. */
export interface RemoteView {
  readonly cumulativeLost: number;
  readonly interarrivalJitter: number;
  readonly extendedHighestSequenceNumber: number;
}

export class OutboundStream {
  readonly roundTrip = new RoundTrip();
  /** Of the sound that goes out: what its losses are rated by. */
  encoding: string | undefined;
  /** The last VoIP metrics of the party (RFC 3611 §4.7). */
  reportedMetrics: VoipMetrics | undefined;
  /** What its loss reports tell; undefined while it sent none (RFC 3611 §4.1). */
  reportedLosses: ReportedLosses | undefined;
  readonly #history = new OutboundHistory();
  sent = 0;
  sentBytes = 0;
  /** Sequence number of the first packet; what the party expected begins there. */
  firstSequence: number | undefined;
  remoteView: RemoteView | undefined;
  maxRemoteJitter = 0;
  clockRateHz = 8000;
  readonly ssrc: number;
  // Signed, as all 32-bit values that a packet is compared with here: those past 2^31 would each be an object of their own.
  readonly #signedSsrc: number;
  #sourceSsrc: number | undefined;
  #mustRejoin = false;
  #sequenceOffset = 0;
  #timestampOffset = 0;
  #lastSequence = 0;
  #lastTimestamp = 0;
  #lastSentAt = 0;
  /** A change of source is marked for the receiver's buffer (RFC 3551 §4.1). */
  #markNext = false;
  #cycles = 0;

  /**
   * @param ssrc - ours, whoever the packets come from: reports of both sides then name the same stream, and a party
   *   whose echo carried its own would take that for a loop (RFC 3550 §8.2)
   */
  constructor(ssrc: number) {
    this.ssrc = ssrc;
    this.#signedSsrc = ssrc | 0;
  }

  /** Without headers, as a sender report counts (RFC 3550 §6.4.1). */
  get sentPayloadBytes(): number {
    return this.sentBytes - RTP_HEADER_BYTES * this.sent;
  }

  /** Packets that the party should have by its last report: from our first to the highest it saw. */
  get expectedAtParty(): number | undefined {
    if (!this.remoteView || this.firstSequence === undefined) return undefined;
    return this.expectedUpTo(this.remoteView.extendedHighestSequenceNumber);
  }

  /** Packets from our first to the one of that number, as a party tells it. */
  expectedUpTo(sequenceNumber: number): number {
    // Its cycles began where it joined; ours tell how many wraps there can have been.
    return Math.max(0, this.span - this.behindNewest(sequenceNumber));
  }

  /** Sequence numbers from our first to our newest: what was lost on the way to us is among them. */
  get span(): number {
    if (this.firstSequence === undefined) return 0;
    return this.#cycles + this.#lastSequence - this.firstSequence + 1;
  }

  /** Packets that the party lost by its last report. */
  get lostAtParty(): number {
    return this.remoteView?.cumulativeLost ?? 0;
  }

  /** From us to the party and into its ear, as far as that is known; null where no part of it is. */
  get oneWayMs(): number | null {
    const roundTripMs = this.roundTrip.lastMs;
    return roundTripMs === null ? null : roundTripMs / 2 + (this.reportedMetrics?.endSystemDelayMs ?? 0);
  }

  /** How many numbers a 16-bit one is behind our newest, modulo 2^16. */
  behindNewest(sequenceNumber: number): number {
    return (this.#lastSequence - sequenceNumber) & 0xffff;
  }

  /** Ratings of what we sent, second by second, by the party's reports. */
  history(): QualityHistory {
    return this.#history.values();
  }

  /** Says that packets were withheld or numbers jumped: what comes next goes on where the stream stood. */
  interrupt(): void {
    this.#mustRejoin = true;
  }

  /**
   * Brings one packet of any source in line with the stream, in place. The first source keeps its numbers; later
   * ones go on where the stream stood.
   *
   * @param isEvent - its timestamp is that of the event's beginning (RFC 4733 §2.3), and says nothing of where the
   *   stream stands
   */
  adopt(now: number, packet: Uint8Array, clockRateHz: number, isEvent = false): void {
    const ssrc = rtpSsrc(packet) | 0;
    if (ssrc !== this.#sourceSsrc || this.#mustRejoin) this.#changeSource(now, packet, ssrc, clockRateHz);
    const sequence = (rtpSequenceNumber(packet) + this.#sequenceOffset) & 0xffff;
    const timestamp = (rtpTimestamp(packet) + this.#timestampOffset) | 0;
    rewriteRtpIdentity(packet, sequence, timestamp, this.#signedSsrc);
    if (this.#markNext) {
      this.#markNext = false;
      rewriteRtpPayloadType(packet, rtpPayloadType(packet), true);
    }
    this.#note(now, packet, clockRateHz, isEvent);
  }

  /** The RTP timestamp that a packet sent now would have, for a sender report (RFC 3550 §6.4.1). */
  timestampAt(now: number): number {
    const ticks = Math.round(((now - this.#lastSentAt) * this.clockRateHz) / 1000);
    return (this.#lastTimestamp + ticks) >>> 0;
  }

  /** The same, as the present source of {@link OutboundStream.adopt} counts. */
  sourceTimestampAt(now: number): number {
    return (this.timestampAt(now) - this.#timestampOffset) >>> 0;
  }

  /**
   * A report block about our stream. Its jitter is in the ticks of our payload clock.
   *
   * @param wallClockMs - `now` on the clock of our sender reports
   * @returns false where it says what cannot be; of its times, its jitter and its losses, what can be is taken
   */
  handleReport(now: number, wallClockMs: number, block: ReportBlock): boolean {
    const isTime = this.roundTrip.handleReport(wallClockMs, block);
    const isJitter = isPossibleJitter(block.interarrivalJitter, this);
    if (isJitter) this.maxRemoteJitter = Math.max(this.maxRemoteJitter, block.interarrivalJitter);
    const isLoss = isPossibleLoss(block, this);
    if (isLoss) this.#takeLoss(now, block);
    return isTime && isJitter && isLoss;
  }

  /** A loss report on our stream. @returns false where it says what cannot be */
  handleLossReport(block: RunLengthBlock): boolean {
    this.reportedLosses ??= new ReportedLosses();
    return this.reportedLosses.take(block, this);
  }

  #takeLoss(now: number, block: ReportBlock): void {
    this.remoteView = block;
    this.#history.handleReport(now, {
      encoding: this.encoding,
      expected: this.expectedAtParty ?? 0,
      lost: this.lostAtParty,
      fractionLost: block.fractionLost / 256,
      oneWayMs: this.oneWayMs,
    });
  }

  #changeSource(now: number, packet: Uint8Array, ssrc: number, clockRateHz: number): void {
    this.#sourceSsrc = ssrc;
    this.#mustRejoin = false;
    if (this.sent === 0) return;
    this.#markNext = true;
    const elapsedTicks = Math.max(1, Math.round(((now - this.#lastSentAt) * clockRateHz) / 1000));
    this.#sequenceOffset = (this.#lastSequence + 1 - rtpSequenceNumber(packet)) & 0xffff;
    this.#timestampOffset = (this.#lastTimestamp + elapsedTicks - rtpTimestamp(packet)) | 0;
  }

  #note(now: number, packet: Uint8Array, clockRateHz: number, isEvent: boolean): void {
    const sequence = rtpSequenceNumber(packet);
    if (this.sent === 0) this.#history.start(now);
    this.firstSequence ??= sequence;
    // A reordered packet is behind the newest one.
    const ahead = (sequence - this.#lastSequence) & 0xffff;
    if (this.sent === 0 || ahead < 0x8000) {
      if (this.sent > 0 && sequence < this.#lastSequence) this.#cycles += 0x1_0000;
      this.#lastSequence = sequence;
      if (!isEvent || this.sent === 0) {
        this.#lastTimestamp = rtpTimestamp(packet) | 0;
        this.#lastSentAt = now;
      }
    }
    this.clockRateHz = clockRateHz;
    this.sent += 1;
    this.sentBytes += packet.length;
  }
}
