// The RTCP of one RTP session with one party: our reports on time, theirs read, both without trust (RFC 3550 §6).
import { DecodeError, type Random } from '../../core/index.ts';
import type { WantedXr } from '../engine/types.ts';
import type { VoipMetrics } from '../quality/index.ts';
import {
  decodeRtcp,
  type EncodableRtcp,
  type EncodableXrBlock,
  type ExtendedReport,
  encodeRtcp,
  noteRtcpSent,
  noteRtcpSize,
  type ReportBlock,
  type RtcpMembership,
  type RtcpPacket,
  type RtcpSchedule,
  reconsiderRtcp,
  startRtcpSchedule,
} from '../rtcp/index.ts';
import type { InboundStream } from './inbound-stream.ts';
import { middleNtpOf, ntpFraction, ntpSeconds } from './ntp.ts';
import type { OutboundStream } from './outbound-stream.ts';
import { ReportTruth } from './report-truth.ts';

/** IPv4 and UDP headers, which the interval counts (RFC 3550 §6.2). */
const UDP_OVERHEAD_BYTES = 28;
/** RFC 3550 §6.2: five percent of the session's bandwidth, of one voice call. */
const RTCP_BYTES_PER_SECOND = 400;
const FIRST_SIZE_BYTES = 100;

export interface RtcpSessionOptions {
  readonly random: Random;
  readonly cname: string;
  /** `clock.wallClock() - clock.now()`. */
  readonly wallClockOffsetMs: number;
  readonly inbound: InboundStream;
  readonly outbound: OutboundStream;
  /**
   * How long the first report waits at least; 0 where not given. A relay lets its parties speak first: its own report
   * then answers theirs, and they know their round trip in the second second of a call.
   */
  readonly firstReportAfterMs?: number;
  /** What we tell of the sound that came (RFC 3611 §4.7); null while none did. */
  voipMetrics?(): VoipMetrics | null;
}

/**
 * RFC 3611 §5: extended reports may be sent without signaling; a party that does not know them passes over them (RFC 3550
 * §6.1). One that names some wants no others (§5.1).
 */
const ALL_XR: WantedXr = { referenceTime: true, voipMetrics: true };

/** The party's reference time, until it is answered. */
interface ReferenceTime {
  readonly ssrc: number;
  readonly lastRr: number;
  readonly at: number;
}

export class RtcpSession {
  readonly #options: RtcpSessionOptions;
  readonly #truth = new ReportTruth();
  #wantedXr = ALL_XR;
  #toAnswer: ReferenceTime | undefined;
  #schedule: RtcpSchedule | undefined;
  #sentAtLastReport = 0;
  #hasSentReport = false;

  constructor(options: RtcpSessionOptions) {
    this.#options = options;
  }

  /** Reports that the party sent. */
  get reports(): number {
    return this.#truth.reports;
  }

  /** Those of them that said what cannot be, or named streams that are not there. */
  get lies(): number {
    return this.#truth.liesAt(this.#options.inbound);
  }

  /** What SDP says of extended reports; undefined where it says nothing. */
  want(wanted: WantedXr | undefined): void {
    this.#wantedXr = wanted ?? ALL_XR;
  }

  nextAt(): number | undefined {
    return this.#schedule?.nextAt;
  }

  start(now: number): void {
    this.#schedule ??= startRtcpSchedule(
      now + (this.#options.firstReportAfterMs ?? 0),
      this.#membership(),
      FIRST_SIZE_BYTES,
    );
  }

  /** @returns the compound to send, where it is time for one */
  handleTimeout(now: number): Uint8Array | undefined {
    const schedule = this.#schedule;
    if (!schedule || schedule.nextAt > now || !reconsiderRtcp(schedule, now, this.#membership()))
      return undefined;
    const bytes = encodeRtcp(this.#compound(now));
    this.#sentAtLastReport = this.#options.outbound.sent;
    this.#hasSentReport = true;
    noteRtcpSent(schedule, now, this.#membership(), bytes.length + UDP_OVERHEAD_BYTES);
    return bytes;
  }

  /** @returns the packets that were read, or why there are none */
  handleRtcp(now: number, bytes: Uint8Array): RtcpPacket[] | DecodeError {
    const packets = decodeRtcp(bytes);
    if (packets instanceof DecodeError) return packets;
    if (this.#schedule) noteRtcpSize(this.#schedule, bytes.length + UDP_OVERHEAD_BYTES);
    this.#truth.begin();
    for (const packet of packets) this.#read(now, packet);
    this.#truth.end(packets, this.#options.inbound);
    return packets;
  }

  /** RFC 3550 §6.6: a last report, and BYE; undefined where nobody ever heard of us. */
  goodbye(now: number): Uint8Array | undefined {
    if (this.#options.outbound.sent === 0 && !this.#hasSentReport) return undefined;
    const { ssrc } = this.#options.outbound;
    return encodeRtcp([...this.#compound(now, true), { type: 'BYE', sources: [ssrc], reason: undefined }]);
  }

  #read(now: number, packet: RtcpPacket): void {
    const { inbound } = this.#options;
    if (packet.type === 'SR' && packet.ssrc === inbound.ssrc) inbound.handleSenderReport(now, packet);
    if (packet.type === 'SR' || packet.type === 'RR') this.#readReports(now, packet.reports);
    if (packet.type === 'XR') this.#readExtended(now, packet);
  }

  #readReports(now: number, reports: readonly ReportBlock[]): void {
    const { outbound, wallClockOffsetMs } = this.#options;
    for (const block of reports) {
      const isOurs = block.ssrc === outbound.ssrc && outbound.sent > 0;
      const isPossible = isOurs && outbound.handleReport(now, now + wallClockOffsetMs, block);
      // A phone that has heard nothing yet may report on 0.
      if (!isPossible && block.ssrc !== 0) this.#truth.doubt();
    }
  }

  #readExtended(now: number, { ssrc, blocks }: ExtendedReport): void {
    const { outbound, wallClockOffsetMs } = this.#options;
    for (const block of blocks) {
      if (block.kind === 'receiverReferenceTime') {
        this.#toAnswer = { ssrc, lastRr: middleNtpOf(block), at: now };
      } else if (block.kind === 'voipMetrics' && block.ssrc === outbound.ssrc) {
        outbound.reportedMetrics = block.metrics;
        if (block.isImpossible) this.#truth.doubt();
      } else if (block.kind === 'lossRle' && block.ssrc === outbound.ssrc) {
        if (!outbound.handleLossReport(block)) this.#truth.doubt();
      } else if (block.kind === 'dlrr') {
        for (const { ssrc: to, lastRr, delaySinceLastRr } of block.entries) {
          const times = { lastSr: lastRr, delaySinceLastSr: delaySinceLastRr };
          const isOurs = to === outbound.ssrc && this.#hasSentReport;
          if (isOurs && !outbound.roundTrip.handleReport(now + wallClockOffsetMs, times)) this.#truth.doubt();
        }
      }
    }
  }

  #compound(now: number, isLast = false): EncodableRtcp[] {
    const { inbound, outbound, cname, wallClockOffsetMs } = this.#options;
    const block = inbound.reportBlock(now);
    const reports = block ? [block] : [];
    const { ssrc } = outbound;
    const wallClockMs = now + wallClockOffsetMs;
    const report: EncodableRtcp = this.#weSent
      ? {
          type: 'SR',
          ssrc,
          ntpSeconds: ntpSeconds(wallClockMs),
          ntpFraction: ntpFraction(wallClockMs),
          timestamp: outbound.timestampAt(now),
          packetCount: outbound.sent >>> 0,
          octetCount: outbound.sentPayloadBytes >>> 0,
          reports,
        }
      : { type: 'RR', ssrc, reports };
    const compound: EncodableRtcp[] = [report, { type: 'SDES', chunks: [{ ssrc, cname }] }];
    const blocks = this.#extendedBlocks(now, wallClockMs, isLast);
    if (blocks.length > 0) compound.push({ type: 'XR', ssrc, blocks });
    return compound;
  }

  /** Whoever leaves asks for no answer any more. */
  #extendedBlocks(now: number, wallClockMs: number, isLast: boolean): EncodableXrBlock[] {
    const { inbound, voipMetrics } = this.#options;
    const blocks: EncodableXrBlock[] = [];
    if (this.#wantedXr.referenceTime && !isLast)
      blocks.push({
        kind: 'receiverReferenceTime',
        ntpSeconds: ntpSeconds(wallClockMs),
        ntpFraction: ntpFraction(wallClockMs),
      });
    if (this.#toAnswer) {
      const { ssrc, lastRr, at } = this.#toAnswer;
      const delaySinceLastRr = Math.floor(((now - at) * 65536) / 1000) >>> 0;
      blocks.push({ kind: 'dlrr', entries: [{ ssrc, lastRr, delaySinceLastRr }] });
      this.#toAnswer = undefined;
    }
    const metrics = this.#wantedXr.voipMetrics ? voipMetrics?.() : null;
    if (metrics && inbound.ssrc !== undefined)
      blocks.push({ kind: 'voipMetrics', ssrc: inbound.ssrc, metrics });
    return blocks;
  }

  /** RFC 3550 §6.4: whoever sent RTP since the last report but one is a sender. */
  get #weSent(): boolean {
    return this.#options.outbound.sent > this.#sentAtLastReport;
  }

  #membership(): RtcpMembership {
    const { inbound, random } = this.#options;
    const weSent = this.#weSent;
    const theySend = inbound.ssrc !== undefined;
    return {
      members: 2,
      senders: (weSent ? 1 : 0) + (theySend ? 1 : 0),
      rtcpBytesPerSecond: RTCP_BYTES_PER_SECOND,
      weSent,
      chance: random.float(),
    };
  }
}
