// The RTCP of one RTP session with one party: our reports on time, theirs read, both without trust (RFC 3550 §6).
import { DecodeError, type Random } from '../../core/index.ts';
import {
  decodeRtcp,
  type EncodableRtcp,
  encodeRtcp,
  noteRtcpSent,
  noteRtcpSize,
  type RtcpMembership,
  type RtcpPacket,
  type RtcpSchedule,
  reconsiderRtcp,
  startRtcpSchedule,
} from '../rtcp/index.ts';
import type { InboundStream } from './inbound-stream.ts';
import { ntpFraction, ntpSeconds } from './ntp.ts';
import type { OutboundStream } from './outbound-stream.ts';

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
}

export class RtcpSession {
  readonly #options: RtcpSessionOptions;
  #schedule: RtcpSchedule | undefined;
  #sentAtLastReport = 0;
  #hasSentReport = false;

  constructor(options: RtcpSessionOptions) {
    this.#options = options;
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
    for (const packet of packets) this.#read(now, packet);
    return packets;
  }

  /** RFC 3550 §6.6: a last report, and BYE; undefined where nobody ever heard of us. */
  goodbye(now: number): Uint8Array | undefined {
    if (this.#options.outbound.sent === 0 && !this.#hasSentReport) return undefined;
    const { ssrc } = this.#options.outbound;
    return encodeRtcp([...this.#compound(now), { type: 'BYE', sources: [ssrc], reason: undefined }]);
  }

  #read(now: number, packet: RtcpPacket): void {
    const { inbound, outbound, wallClockOffsetMs } = this.#options;
    if (packet.type === 'SR' && packet.ssrc === inbound.ssrc) inbound.handleSenderReport(now, packet);
    if (packet.type !== 'SR' && packet.type !== 'RR') return;
    for (const block of packet.reports) {
      if (block.ssrc === outbound.ssrc && outbound.sent > 0)
        outbound.handleReport(now + wallClockOffsetMs, block);
    }
  }

  #compound(now: number): EncodableRtcp[] {
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
    return [report, { type: 'SDES', chunks: [{ ssrc, cname }] }];
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
