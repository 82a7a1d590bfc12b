// A phone's end of an RTP session: sans-I/O, its datagrams and events are drained by the owner after every input.
import { DecodeError } from '../../core/index.ts';
import { DEFAULT_INACTIVITY_MS } from '../engine/index.ts';
import type { PayloadFormat, RemoteMedia } from '../engine/types.ts';
import type { JitterFrame } from '../jitter/types.ts';
import { FormatTable, isSoundFormat, Latch, LegCounters } from '../leg/index.ts';
import type { QualityReport } from '../quality/index.ts';
import { LossResponse, ReportReader } from '../resilience/index.ts';
import type { Goodbye, ReportBlock } from '../rtcp/index.ts';
import {
  demultiplexMedia,
  rtpMarker,
  rtpPayloadEnd,
  rtpPayloadOffset,
  rtpPayloadType,
  rtpSequenceNumber,
  rtpSsrc,
  rtpTimestamp,
} from '../rtp/index.ts';
import {
  buildQualityReport,
  InboundStream,
  OutboundStream,
  ownMetrics,
  type QualityInputs,
  RtcpSession,
} from '../stream/index.ts';
import { type ReceivedDigit, TelephoneEventReceiver } from '../telephone-event/index.ts';
import { IncomingRed, type RedFailure } from './incoming-red.ts';
import { OutgoingRtp } from './outgoing-rtp.ts';
import { Speakers } from './speakers.ts';
import type {
  OutgoingDatagram,
  RtpSessionCounters,
  RtpSessionEvent,
  RtpSessionOptions,
  SendFrameOptions,
  Speaker,
} from './types.ts';

/** Where a datagram came in, and from whom. */
export interface DatagramSource {
  readonly socket: 'rtp' | 'rtcp';
  readonly address: string;
  readonly port: number;
}

export class RtpSession {
  readonly #options: RtpSessionOptions;
  readonly #inbound: InboundStream;
  readonly #outbound: OutboundStream;
  readonly #rtcp: RtcpSession;
  readonly #counters = new LegCounters();
  readonly #latch = new Latch();
  readonly #formats = new FormatTable((_, next) => {
    if (next && isSoundFormat(next)) this.#inbound.encoding = next.encoding;
  });
  readonly #received = new TelephoneEventReceiver();
  readonly #incomingRed = new IncomingRed();
  readonly #speakers = new Speakers();
  readonly #outgoing: OutgoingRtp;
  readonly #reports = new ReportReader();
  readonly #response = new LossResponse();
  #remote: RemoteMedia | undefined;
  #lastHeardAt = 0;
  #lastRtpAt: number | undefined;
  #isInactive = false;
  #datagrams: OutgoingDatagram[] = [];
  #events: RtpSessionEvent[] = [];

  constructor(options: RtpSessionOptions) {
    this.#options = options;
    const { random, cname, wallClockOffsetMs } = options;
    this.#outbound = new OutboundStream(random.uint32());
    this.#inbound = new InboundStream({
      concealment: options.concealment ?? true,
      ...(options.playout ? { playout: options.playout } : {}),
      roundTripMs: () => this.#outbound.roundTrip.lastMs,
    });
    const [inbound, outbound] = [this.#inbound, this.#outbound];
    this.#outgoing = new OutgoingRtp({ random, outbound });
    const voipMetrics = () => ownMetrics(this.#qualityInputs);
    this.#rtcp = new RtcpSession({ random, cname, wallClockOffsetMs, inbound, outbound, voipMetrics });
  }

  get counters(): RtpSessionCounters {
    const { received, receivedBytes, consumed } = this.#counters;
    const { sent, sentBytes } = this.#outbound;
    return { received, receivedBytes, sent, sentBytes, consumed, discarded: this.#counters.discarded() };
  }

  /** Who is heard in the last packet, where a mixer tells: its CSRCs. */
  get speakers(): readonly Speaker[] {
    return this.#speakers.list;
  }

  /**
   * What SDP negotiated, `direction` as we see it.
   *
   * @param receiveFormats - where the far end's payload types for sending differ from those for receiving
   */
  setRemote(now: number, remote: RemoteMedia, receiveFormats?: readonly PayloadFormat[]): void {
    this.#remote = remote;
    this.#latch.promise(remote.rtp);
    this.#formats.set(receiveFormats ? [...remote.formats, ...receiveFormats] : remote.formats);
    this.#outgoing.setFormats(remote.formats);
    this.#outgoing.setExtensions(remote.extensions);
    this.#speakers.setRemote(remote);
    this.#incomingRed.setFormats(receiveFormats ?? remote.formats);
    this.#inbound.encoding = this.#outgoing.sound?.encoding;
    this.#outbound.encoding = this.#outgoing.sound?.encoding;
    this.#rtcp.want(remote.wantedXr);
    this.#rtcp.start(now);
    this.#hear(now);
  }

  /** A datagram from one of the two sockets. */
  handleDatagram(now: number, bytes: Uint8Array, source: DatagramSource): void {
    const kind = demultiplexMedia(bytes);
    if (kind === 'rtcp') return this.#handleRtcp(now, bytes, source);
    if (source.socket === 'rtcp') return;
    this.#counters.received += 1;
    this.#counters.receivedBytes += bytes.length;
    if (kind === 'rtp') this.#handleRtp(now, bytes, source);
    else this.#counters.discard(kind === 'stun' ? 'stun' : 'not-media');
  }

  /**
   * Sends one frame; while a digit is played its packets take the place of the sound. An empty payload is silence that
   * is not sent (DTX).
   */
  sendFrame(now: number, payload: Uint8Array, options: SendFrameOptions): void {
    const remote = this.#remote;
    const bytes = remote && this.#outgoing.next(now, payload, options);
    if (!bytes) return;
    const { address, port } = this.#latch.source ?? remote.rtp;
    this.#datagrams.push({ socket: 'rtp', bytes, address, port });
  }

  /** Time in which nothing is sent, whatever waits: the timestamp counts on, and what follows is marked. */
  skipFrame(timestampStep: number): void {
    this.#outgoing.skip(timestampStep);
  }

  /** Queues digits. @returns false where the far end takes no telephone-events */
  sendDigits(digits: string): boolean {
    return this.#outgoing.sendDigits(digits);
  }

  nextTimeoutAt(): number | undefined {
    const rtcpAt = this.#rtcp.nextAt();
    if (!this.#awaitsSound || rtcpAt === undefined) return rtcpAt;
    return Math.min(rtcpAt, this.#lastHeardAt + DEFAULT_INACTIVITY_MS);
  }

  handleTimeout(now: number): void {
    const report = this.#rtcp.handleTimeout(now);
    if (report) this.#sendRtcp(report);
    this.#tellDigit(this.#received.expire(now));
    const silentMs = now - this.#lastHeardAt;
    if (!this.#awaitsSound || silentMs < DEFAULT_INACTIVITY_MS) return;
    this.#isInactive = true;
    this.#events.push({ type: 'inactive', silentMs });
  }

  /** How long ago the last RTP came, from a far end that agreed to send; 0 on hold and before the first packet. */
  silentMsAt(now: number): number {
    const direction = this.#remote?.direction;
    const isExpected = direction === 'sendrecv' || direction === 'recvonly';
    return isExpected && this.#lastRtpAt !== undefined ? now - this.#lastRtpAt : 0;
  }

  /** Outputs: datagrams to send. */
  takeDatagrams(): readonly OutgoingDatagram[] {
    const datagrams = this.#datagrams;
    if (datagrams.length > 0) this.#datagrams = [];
    return datagrams;
  }

  /** Outputs: what happened. */
  takeEvents(): readonly RtpSessionEvent[] {
    const events = this.#events;
    if (events.length > 0) this.#events = [];
    return events;
  }

  report(_now: number): QualityReport {
    return buildQualityReport(this.#qualityInputs);
  }

  get #qualityInputs(): QualityInputs {
    const { playout, concealment = true } = this.#options;
    return {
      inbound: this.#inbound,
      outbound: this.#outbound,
      codec: this.#outgoing.sound?.encoding ?? null,
      concealment,
      discarded: playout?.discarded ?? null,
      recovered: playout?.recovered ?? 0,
      playoutDelayMs: playout?.delayMs ?? null,
      ...(playout?.buffer ? { buffer: playout.buffer } : {}),
    };
  }

  /** Says goodbye by RTCP. */
  close(now: number): void {
    const goodbye = this.#remote && this.#rtcp.goodbye(now);
    if (goodbye) this.#sendRtcp(goodbye);
    this.#remote = undefined;
  }

  /** A far end that agreed to send nothing (hold) may be silent for as long as it likes. */
  get #awaitsSound(): boolean {
    const direction = this.#remote?.direction;
    return !this.#isInactive && (direction === 'sendrecv' || direction === 'recvonly');
  }

  #hear(now: number): void {
    this.#lastHeardAt = now;
    this.#isInactive = false;
  }

  #handleRtp(now: number, bytes: Uint8Array, { address, port }: DatagramSource): void {
    const counters = this.#counters;
    const offset = rtpPayloadOffset(bytes);
    if (offset < 0) return counters.discard('malformed');
    const payloadType = rtpPayloadType(bytes);
    const clockRateHz = this.#formats.clockRateHz(payloadType);
    if (clockRateHz === 0) return counters.discard('wrong-payload-type');
    const verdict = this.#latch.check(now, address, port);
    if (verdict === 'wait') return counters.discard('unproven-source');
    if (verdict !== 'known' && verdict !== 'learned') return counters.discard('wrong-source');
    if (verdict === 'learned') this.#events.push({ type: 'sourceLearned', address, port });
    this.#lastRtpAt = now;
    this.#hear(now);
    const sequence = rtpSequenceNumber(bytes);
    const isEvent = this.#formats.isEvent(payloadType);
    const [ssrc, timestamp] = [rtpSsrc(bytes), rtpTimestamp(bytes)];
    const seen = this.#inbound.receive(now, ssrc, sequence, timestamp, clockRateHz, isEvent);
    if (seen !== 'suspect' && this.#speakers.handlePacket(bytes)) {
      this.#events.push({ type: 'speakers', speakers: this.#speakers.list });
    }
    const failure = seen === 'suspect' ? undefined : this.#deliver(now, bytes, offset);
    if (failure) counters.discard(failure);
    else counters.consumed += 1;
  }

  #deliver(now: number, bytes: Uint8Array, offset: number): RedFailure | undefined {
    const payloadType = rtpPayloadType(bytes);
    const frame: JitterFrame = {
      payloadType,
      payload: bytes.subarray(offset, rtpPayloadEnd(bytes)),
      timestamp: rtpTimestamp(bytes),
      extendedSequenceNumber: this.#inbound.extendedSequenceOf(rtpSequenceNumber(bytes)),
      ssrc: rtpSsrc(bytes),
      marker: rtpMarker(bytes),
      arrivedAt: now,
      clockRateHz: this.#formats.clockRateHz(payloadType),
    };
    return this.#incomingRed.receive(frame, (block) => this.#take(now, block));
  }

  #take(now: number, frame: JitterFrame): void {
    const { payloadType, payload, timestamp, ssrc, extendedSequenceNumber } = frame;
    if (!this.#formats.isEvent(payloadType)) {
      this.#events.push({ type: 'frame', frame });
      if (this.#received.isOpen) this.#tellDigit(this.#received.expire(now));
      return;
    }
    if (!frame.isRedundant) this.#events.push({ type: 'noSound', ssrc, extendedSequenceNumber });
    const clockRateHz = this.#formats.clockRateHz(payloadType);
    this.#tellDigit(this.#received.receive(now, payload, { timestamp, clockRateHz }));
  }

  #tellDigit(digit: ReceivedDigit | undefined): void {
    if (digit) this.#events.push({ type: 'digit', ...digit });
  }

  #handleRtcp(now: number, bytes: Uint8Array, { address }: DatagramSource): void {
    const remote = this.#remote;
    if (
      !remote ||
      (address !== (this.#latch.address ?? remote.rtp.address) && address !== remote.rtcp.address)
    )
      return;
    const packets = this.#rtcp.handleRtcp(now, bytes);
    if (packets instanceof DecodeError) return;
    this.#hear(now);
    for (const packet of packets) {
      if (packet.type === 'BYE') this.#noteGoodbye(packet);
      if (packet.type === 'SR' || packet.type === 'RR') this.#answer(now, packet.reports);
    }
  }

  /** Loss that the far end reports changes what we send. */
  #answer(now: number, reports: readonly ReportBlock[]): void {
    const block = reports.find(({ ssrc }) => ssrc === this.#outbound.ssrc);
    if (!block || this.#outbound.sent === 0) return;
    const before = this.#response.advice;
    const advice = this.#response.handleReport(now, this.#reports.read(block, this.#outbound));
    if (advice === before) return;
    this.#outgoing.redLevel = advice.redLevel;
    this.#events.push({ type: 'advice', advice });
  }

  /** RFC 3550 §6.6: only the party that we hear can leave. */
  #noteGoodbye(packet: Goodbye): void {
    const { ssrc } = this.#inbound;
    if (ssrc !== undefined && packet.sources.includes(ssrc)) this.#events.push({ type: 'bye', ssrc });
  }

  #sendRtcp(bytes: Uint8Array): void {
    const remote = this.#remote;
    if (!remote) return;
    const socket = remote.rtcpMux ? 'rtp' : 'rtcp';
    const { address, port } = remote.rtcpMux ? (this.#latch.source ?? remote.rtp) : remote.rtcp;
    this.#datagrams.push({ socket, bytes, address, port });
  }
}
