// One party's RTP and RTCP: takes its packets in, passes them on, and keeps account of every one.
import { DecodeError, type Endpoint, isSameEndpoint, type Random, type UdpSocket } from '../../core/index.ts';
import type { LegReport, RemoteMedia } from '../engine/types.ts';
import {
  demultiplexMedia,
  rewriteRtpPayloadType,
  rtpPayloadEnd,
  rtpPayloadOffset,
  rtpPayloadType,
  rtpSequenceNumber,
  rtpSsrc,
  rtpTimestamp,
} from '../rtp/index.ts';
import { buildQualityReport, InboundStream, OutboundStream, RtcpSession } from '../stream/index.ts';
import { TelephoneEventReceiver } from '../telephone-event/index.ts';
import { LegCounters } from './counters.ts';
import { FormatTable, NO_PAYLOAD_TYPE } from './format-table.ts';
import { Latch } from './latch.ts';

/** By then a party that begins at once has sent its first report: see `RtcpSessionOptions.firstReportAfterMs`. */
const FIRST_REPORT_AFTER_MS = 900;

/** What a leg tells the engine. */
export interface LegListener {
  legInactive(leg: Leg): void;
  legLearned(leg: Leg, source: Endpoint): void;
  legRefused(leg: Leg, source: Endpoint): void;
  legDigit(leg: Leg, digit: { readonly digit: string; readonly durationMs: number }): void;
  /** The leg's deadline may have moved nearer. */
  legRearmed(leg: Leg): void;
}

export interface LegOptions {
  readonly legId: number;
  readonly label: string;
  readonly cname: string;
  readonly ssrc: number;
  readonly rtp: UdpSocket;
  readonly rtcp: UdpSocket;
  readonly random: Random;
  readonly wallClockOffsetMs: number;
  readonly inactivityMs: number;
  readonly listener: LegListener;
  now(): number;
}

/** Owns its two sockets; whoever opened it closes it. Made once a party, it allocates nothing a packet. */
export class Leg {
  readonly legId: number;
  readonly label: string;
  readonly #options: LegOptions;
  readonly #counters = new LegCounters();
  readonly #latch = new Latch();
  readonly #formats = new FormatTable();
  readonly #inbound = new InboundStream({ concealment: true });
  readonly #outbound: OutboundStream;
  readonly #rtcp: RtcpSession;
  readonly #digits = new TelephoneEventReceiver();
  #remote: RemoteMedia | undefined;
  /** The leg that gets what this one receives: another party's, or this one itself for an echo. */
  #peer: Leg | undefined;
  #rtcpSource: Endpoint | undefined;
  /** The clock of the sound that the party takes: of reported jitter and of timestamps in sender reports. */
  #soundClockRateHz = 8000;
  #lastHeardAt: number;
  /** When the owner was last told that nothing comes; it is told again each time the limit has passed. */
  #lastToldAt = Number.NEGATIVE_INFINITY;
  #isPlaying = false;
  #mayReceive = false;
  #maySend = false;
  #isClosed = false;

  constructor(options: LegOptions) {
    this.#options = options;
    this.legId = options.legId;
    this.label = options.label;
    const { random, cname, wallClockOffsetMs } = options;
    this.#outbound = new OutboundStream(options.ssrc);
    const [inbound, outbound] = [this.#inbound, this.#outbound];
    const firstReportAfterMs = FIRST_REPORT_AFTER_MS;
    this.#rtcp = new RtcpSession({ random, cname, wallClockOffsetMs, inbound, outbound, firstReportAfterMs });
    this.#lastHeardAt = options.now();
    options.rtp.onDatagram = (bytes, address, port) => this.#handleDatagram(bytes, address, port);
    options.rtcp.onDatagram = (bytes, address, port) => this.#handleRtcp(bytes, address, port);
    // No onError: inactivity ends the call of a party that is gone, and a listener would cost a tick for every packet.
  }

  get peer(): Leg | undefined {
    return this.#peer;
  }

  set peer(peer: Leg | undefined) {
    this.#peer = peer;
  }

  /** The sound format that the party takes first; undefined before SDP said so. */
  get sendFormat(): RemoteMedia['formats'][number] | undefined {
    return this.#remote?.formats.find(
      (format) => format.encoding !== 'telephone-event' && format.encoding !== 'cn',
    );
  }

  get ssrc(): number {
    return this.#options.ssrc;
  }

  /** While a tone plays, the party hears it alone; each begins where the stream stood. */
  set isPlaying(isPlaying: boolean) {
    this.#isPlaying = isPlaying;
    this.#outbound.interrupt();
  }

  /** What the party hears next joins what it heard last, whatever its source counted meanwhile. */
  interrupt(): void {
    this.#outbound.interrupt();
  }

  setRemote(now: number, remote: RemoteMedia): void {
    if (this.#remote && !isSameEndpoint(this.#remote.rtcp, remote.rtcp)) this.#rtcpSource = undefined;
    this.#remote = remote;
    this.#latch.promise(remote.rtp);
    this.#formats.set(remote.formats);
    this.#mayReceive = remote.direction === 'sendrecv' || remote.direction === 'recvonly';
    this.#maySend = remote.direction === 'sendrecv' || remote.direction === 'sendonly';
    this.#inbound.encoding = this.sendFormat?.encoding;
    this.#soundClockRateHz = this.sendFormat?.clockRateHz ?? 8000;
    this.#lastHeardAt = now;
    this.#rtcp.start(now);
    // RFC 5761 §5.1.1: the second port is not needed any more.
    if (remote.rtcpMux) this.#options.rtcp.close();
    this.#options.listener.legRearmed(this);
  }

  /** Sends one packet to the party, in place: the buffer is ours to change. @returns whether it went out */
  send(now: number, packet: Uint8Array): boolean {
    const remote = this.#remote;
    if (!remote || !this.#maySend || this.#isClosed) {
      this.#outbound.interrupt();
      return false;
    }
    this.#outbound.adopt(now, packet, this.#outboundClockRateHz(rtpPayloadType(packet)));
    const { address } = this.#latch;
    if (address !== undefined) this.#options.rtp.send(packet, address, this.#latch.port);
    else this.#options.rtp.send(packet, remote.rtp.address, remote.rtp.port);
    return true;
  }

  /** Events are part of the sound's stream: their format, whatever its clock, must not change how the stream is told of. */
  #outboundClockRateHz(payloadType: number): number {
    if (this.#formats.isEvent(payloadType)) return this.#soundClockRateHz;
    return this.#formats.clockRateHz(payloadType) || this.#soundClockRateHz;
  }

  nextTimeoutAt(): number | undefined {
    if (!this.#remote || this.#isClosed) return undefined;
    const rtcpAt = this.#rtcp.nextAt() ?? Number.POSITIVE_INFINITY;
    return Math.min(rtcpAt, this.#inactiveAt);
  }

  handleTimeout(now: number): void {
    const report = this.#rtcp.handleTimeout(now);
    if (report) this.#sendRtcp(report);
    if (now >= this.#inactiveAt) {
      this.#lastToldAt = now;
      this.#options.listener.legInactive(this);
    }
  }

  /** A party that agreed to send nothing (hold) may be silent for as long as it likes. */
  get #inactiveAt(): number {
    if (!this.#mayReceive) return Number.POSITIVE_INFINITY;
    return Math.max(this.#lastHeardAt, this.#lastToldAt) + this.#options.inactivityMs;
  }

  report(): LegReport {
    const counters = this.#counters;
    const codec = this.sendFormat?.encoding ?? null;
    return {
      legId: this.legId,
      label: this.label,
      received: counters.received,
      receivedBytes: counters.receivedBytes,
      sent: this.#outbound.sent,
      sentBytes: this.#outbound.sentBytes,
      forwarded: counters.forwarded,
      consumed: counters.consumed,
      discarded: counters.discarded(),
      source: this.#latch.source,
      ...buildQualityReport({
        inbound: this.#inbound,
        outbound: this.#outbound,
        codec,
        concealment: true,
        discarded: null,
        playoutDelayMs: null,
      }),
    };
  }

  /** Says goodbye by RTCP and closes the sockets. @returns the last report */
  close(now: number): LegReport {
    const report = this.report();
    if (!this.#isClosed) {
      const goodbye = this.#remote && this.#rtcp.goodbye(now);
      if (goodbye) this.#sendRtcp(goodbye);
      this.#isClosed = true;
      this.#peer = undefined;
      this.#options.rtp.close();
      this.#options.rtcp.close();
    }
    return report;
  }

  #handleDatagram(bytes: Uint8Array, address: string, port: number): void {
    const kind = demultiplexMedia(bytes);
    if (kind === 'rtcp') return this.#handleRtcp(bytes, address, port);
    const counters = this.#counters;
    counters.received += 1;
    counters.receivedBytes += bytes.length;
    if (kind === 'rtp') return this.#handleRtp(bytes, address, port);
    counters.discard(kind === 'stun' ? 'stun' : 'not-media');
  }

  #handleRtp(bytes: Uint8Array, address: string, port: number): void {
    const counters = this.#counters;
    const offset = rtpPayloadOffset(bytes);
    if (offset < 0) return counters.discard('malformed');
    const payloadType = rtpPayloadType(bytes);
    const clockRateHz = this.#formats.clockRateHz(payloadType);
    if (clockRateHz === 0) return counters.discard('wrong-payload-type');
    const now = this.#options.now();
    if (!this.#isFromParty(now, address, port)) return;
    this.#lastHeardAt = now;
    if (!this.#mayReceive) {
      this.#peer?.interrupt();
      return counters.discard('direction');
    }
    const isEvent = this.#formats.isEvent(payloadType);
    const sequence = rtpSequenceNumber(bytes);
    const verdict = this.#inbound.receive(
      now,
      rtpSsrc(bytes),
      sequence,
      rtpTimestamp(bytes),
      clockRateHz,
      isEvent,
    );
    // RFC 3550 A.1: a jump counts only when the next in order confirms it; then the stream goes on without a hole.
    if (verdict === 'suspect') return counters.discard('bad-sequence');
    if (verdict === 'restart') this.#peer?.interrupt();
    if (isEvent) this.#handleEvent(bytes, offset, clockRateHz);
    this.#forward(now, bytes, payloadType);
  }

  #forward(now: number, bytes: Uint8Array, payloadType: number): void {
    const counters = this.#counters;
    const peer = this.#peer;
    if (!peer) return counters.discard('not-connected');
    if (peer.#isPlaying) return counters.discard('tone');
    if (peer.#remote) {
      const translated = this.#formats.translate(payloadType, peer.#formats);
      if (translated === NO_PAYLOAD_TYPE) return counters.discard('peer-format');
      if (translated !== payloadType) rewriteRtpPayloadType(bytes, translated, false);
    }
    if (peer.send(now, bytes)) counters.forwarded += 1;
    else counters.discard('peer-not-ready');
  }

  #isFromParty(now: number, address: string, port: number): boolean {
    const verdict = this.#latch.check(now, address, port);
    if (verdict === 'known') return true;
    const source = { address, port };
    if (verdict === 'learned') {
      // What a stranger's host was told by RTCP is the party's from now on.
      if (this.#rtcpSource?.address !== address) this.#rtcpSource = undefined;
      this.#options.listener.legLearned(this, source);
      return true;
    }
    this.#counters.discard(verdict === 'wait' ? 'unproven-source' : 'wrong-source');
    if (verdict === 'newly-refused') this.#options.listener.legRefused(this, source);
    return false;
  }

  #handleEvent(bytes: Uint8Array, offset: number, clockRateHz: number): void {
    const payload = bytes.subarray(offset, rtpPayloadEnd(bytes));
    const digit = this.#digits.receive(payload, rtpTimestamp(bytes), clockRateHz);
    if (digit) this.#options.listener.legDigit(this, digit);
  }

  /** RTCP of anybody but the party is nobody's: a forged report must not count, nor keep a dead call alive. */
  #handleRtcp(bytes: Uint8Array, address: string, port: number): void {
    const remote = this.#remote;
    if (!remote || this.#isClosed) return;
    if (!this.#isRtcpFromParty(remote, address, port)) return;
    const now = this.#options.now();
    const packets = this.#rtcp.handleRtcp(now, bytes);
    if (packets instanceof DecodeError) return;
    this.#lastHeardAt = now;
    this.#rtcpSource ??= { address, port };
  }

  /** Learned once, as RTP is; until then anything of the party's host will do. */
  #isRtcpFromParty(remote: RemoteMedia, address: string, port: number): boolean {
    if (port === remote.rtcp.port && address === remote.rtcp.address) return true;
    if (this.#rtcpSource) return this.#rtcpSource.port === port && this.#rtcpSource.address === address;
    return address === (this.#latch.address ?? remote.rtp.address) || address === remote.rtcp.address;
  }

  #sendRtcp(bytes: Uint8Array): void {
    const remote = this.#remote;
    if (!remote) return;
    const { rtp, rtcp } = this.#options;
    if (remote.rtcpMux) {
      const to = this.#latch.source ?? remote.rtp;
      rtp.send(bytes, to.address, to.port);
    } else {
      const to = this.#rtcpSource ?? remote.rtcp;
      rtcp.send(bytes, to.address, to.port);
    }
  }
}
