// One party's RTP and RTCP: takes its packets in, passes them on, and keeps account of every one.
import type { Endpoint } from '../../core/index.ts';
import type { LegReport, PayloadFormat, RemoteMedia } from '../engine/types.ts';
import type { SendingAdvice } from '../resilience/index.ts';
import type { ReportBlock } from '../rtcp/index.ts';
import {
  demultiplexMedia,
  rtpPayloadOffset,
  rtpPayloadType,
  rtpSequenceNumber,
  rtpSsrc,
  rtpTimestamp,
} from '../rtp/index.ts';
import { InboundStream } from '../stream/index.ts';
import { Admission } from './admission.ts';
import { LegCounters } from './counters.ts';
import { FormatTable, isRedFormat, isSoundFormat } from './format-table.ts';
import { IncomingCopies } from './incoming-copies.ts';
import { Latch } from './latch.ts';
import { LegAccount } from './leg-account.ts';
import { LegDigits } from './leg-digits.ts';
import { LegEvidence } from './leg-evidence.ts';
import { LegIce } from './leg-ice.ts';
import type { LegOptions } from './leg-options.ts';
import { LegOutput } from './leg-output.ts';
import { LegRtcp } from './leg-rtcp.ts';
import type { PacketTap } from './packet-tap.ts';
import type { Destination, PacketOutcome } from './passage.ts';
import type { ToneTap } from './tone-tap.ts';

/** Owns its two sockets; whoever opened it closes it. Made once a party, it allocates nothing a packet. */
export class Leg {
  readonly legId: number;
  readonly label: string;
  /** Where what this leg receives goes: for an echo to this one itself; undefined where nobody hears it. */
  passage: Destination | undefined;
  /** Hears what the party says; only where that is asked for. Whoever sets it closes it. */
  toneTap: ToneTap | undefined;
  /** The same for a recording. */
  recordingTap: PacketTap | undefined;
  readonly #options: LegOptions;
  readonly #counters = new LegCounters();
  readonly #latch = new Latch();
  /** What the party may send. */
  readonly #formats = new FormatTable((before, next) => {
    this.#evidence.types.endRun(before, this.#inbound.received);
    if (next && isSoundFormat(next)) this.#inbound.encoding = next.encoding;
  });
  readonly #inbound = new InboundStream({
    concealment: true,
    roundTripMs: () => this.#output.stream.roundTrip.lastMs,
  });
  readonly #output: LegOutput;
  readonly #rtcp: LegRtcp;
  readonly #admission: Admission;
  readonly #account: LegAccount;
  readonly #digits = new LegDigits((digit) => {
    this.#evidence.digits += 1;
    this.#options.listener.legDigit(this, digit);
  });
  /** Whether a digit waits for its end: kept here, so that a packet of sound need not look at the receiver of digits. */
  #hasOpenDigit = false;
  readonly #evidence: LegEvidence;
  #remote: RemoteMedia | undefined;
  /** RTP of the party; before the first when the leg was opened. */
  #lastPacketAt: number;
  /** RTCP of the party, and what signaling says of it. */
  #lastToldOfAt: number;
  /** When the owner was last told that nothing comes; it is told again each time the limit has passed. */
  #lastToldAt = Number.NEGATIVE_INFINITY;
  #ice: LegIce | undefined;
  /** Only where the party may send RED: nobody else pays for it. */
  #copies: IncomingCopies | undefined;
  #isPlaying = false;
  #mayReceive = false;
  #isClosed = false;

  constructor(options: LegOptions) {
    this.#options = options;
    const { legId, label, listener } = options;
    this.legId = legId;
    this.label = label;
    const [inbound, latch, counters, formats] = [this.#inbound, this.#latch, this.#counters, this.#formats];
    this.#output = new LegOutput({ ...options, latch });
    const onReport = (now: number, block: ReportBlock) => this.#output.handleReport(now, block);
    const voipMetrics = () => this.#account.voipMetrics();
    const outbound = this.#output.stream;
    this.#rtcp = new LegRtcp({ ...options, inbound, outbound, latch, onReport, voipMetrics });
    const now = options.now();
    this.#evidence = new LegEvidence(now);
    const [output, rtcp, evidence] = [this.#output, this.#rtcp, this.#evidence];
    this.#admission = new Admission({ leg: this, listener, latch, counters, evidence, rtcp });
    const known = { counters, latch, formats, inbound, output, rtcp, evidence };
    this.#account = new LegAccount({ legId, label, ...known });
    this.#lastPacketAt = now;
    this.#lastToldOfAt = now;
    options.rtp.onDatagram = (bytes, address, port) => {
      try {
        this.#handleDatagram(bytes, address, port);
      } catch (error) {
        listener.legFailed(this, error);
      }
    };
    options.rtcp.onDatagram = (bytes, address, port) => {
      try {
        this.#handleRtcp(bytes, address, port);
      } catch (error) {
        listener.legFailed(this, error);
      }
    };
    // No onError: inactivity ends the call of a party that is gone, and a listener would cost a tick for every packet.
  }

  /** The party that hears this one. */
  get peer(): Leg | undefined {
    return this.passage?.to;
  }

  /** There where ICE was agreed on at least once. */
  get ice(): LegIce | undefined {
    return this.#ice;
  }

  /** What SDP negotiated; undefined before it did. */
  get remote(): RemoteMedia | undefined {
    return this.#remote;
  }

  /** What the party may send, under its payload types. */
  get receiveFormats(): readonly PayloadFormat[] {
    return this.#formats.formats;
  }

  /** The sound format that the party takes first; undefined before SDP said so. */
  get sendFormat(): PayloadFormat | undefined {
    return this.#output.soundFormat;
  }

  /** The digits that the party takes; undefined where it takes none. */
  get eventFormat(): PayloadFormat | undefined {
    return this.#output.eventFormat;
  }

  /** Whether SDP says where to send to, and that the party listens. */
  get isReady(): boolean {
    return this.#output.isReady;
  }

  /** What the party's reports ask of an encoder for it; the same object while nothing changes. */
  get advice(): SendingAdvice {
    return this.#output.advice;
  }

  get ssrc(): number {
    return this.#options.ssrc;
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  /** While something plays, the party hears it alone; each begins where the stream stood. */
  set isPlaying(isPlaying: boolean) {
    this.#isPlaying = isPlaying;
    this.#output.stream.interrupt();
  }

  /** What the party hears next joins what it heard last, whatever its source counted meanwhile. */
  interrupt(): void {
    this.#output.stream.interrupt();
  }

  /** The timestamp that a packet of the present source would have if it began now, for {@link Leg.send}. */
  sourceTimestampAt(now: number): number {
    return this.#output.stream.sourceTimestampAt(now);
  }

  setRemote(now: number, remote: RemoteMedia): void {
    const { direction, formats, receiveFormats = formats } = remote;
    this.#remote = remote;
    this.#latch.promise(remote.rtp);
    if (remote.ice) this.#ice ??= new LegIce({ rtp: this.#options.rtp, latch: this.#latch });
    this.#ice?.setRemote(remote);
    this.#output.setRemote(remote);
    this.#formats.set(receiveFormats);
    this.#copies = receiveFormats.some(isRedFormat) ? (this.#copies ?? new IncomingCopies()) : undefined;
    this.#copies?.setFormats(receiveFormats);
    this.#mayReceive = direction === 'sendrecv' || direction === 'recvonly';
    this.#inbound.encoding = receiveFormats.find(isSoundFormat)?.encoding;
    this.#evidence.silence.agree(now, direction);
    this.#lastToldOfAt = now;
    this.#rtcp.setRemote(now, remote);
    this.#options.listener.legRearmed(this);
  }

  /** Sends one packet to the party, in place: the buffer is ours to change. @returns whether it went out */
  send(now: number, packet: Uint8Array): boolean {
    return this.#output.send(now, packet);
  }

  nextTimeoutAt(): number | undefined {
    if (!this.#remote || this.#isClosed) return undefined;
    const rtcpAt = this.#rtcp.nextAt() ?? Number.POSITIVE_INFINITY;
    return Math.min(rtcpAt, this.#inactiveAt);
  }

  handleTimeout(now: number): void {
    this.#rtcp.handleTimeout(now);
    if (this.#hasOpenDigit) this.#hasOpenDigit = this.#digits.expire(now);
    if (now >= this.#inactiveAt) {
      this.#lastToldAt = now;
      this.#options.listener.legInactive(this);
    }
  }

  /** A party that agreed to send nothing (hold) may be silent for as long as it likes. */
  get #inactiveAt(): number {
    if (!this.#mayReceive) return Number.POSITIVE_INFINITY;
    const lastHeardAt = Math.max(this.#lastPacketAt, this.#lastToldOfAt);
    return Math.max(lastHeardAt, this.#lastToldAt) + this.#options.inactivityMs;
  }

  report(): LegReport {
    const [remote, lastPacketAt] = [this.#remote, this.#lastPacketAt];
    const ice = this.#ice?.facts ?? null;
    return this.#account.report(this.#options.now(), { remote, lastPacketAt, ice });
  }

  /** Says goodbye by RTCP and closes the sockets. @returns the last report */
  close(now: number): LegReport {
    if (this.#isClosed) return this.report();
    try {
      const report = this.report();
      this.#rtcp.sayGoodbye(now);
      return report;
    } finally {
      this.#isClosed = true;
      this.#output.close();
      this.passage = undefined;
      this.#options.rtp.close();
      this.#options.rtcp.close();
    }
  }

  #handleDatagram(bytes: Uint8Array, address: string, port: number): void {
    const kind = demultiplexMedia(bytes);
    if (kind === 'rtcp') return this.#handleRtcp(bytes, address, port);
    if (kind === 'stun' && this.#handleStun(bytes, { address, port })) return;
    const counters = this.#counters;
    counters.received += 1;
    counters.receivedBytes += bytes.length;
    if (kind === 'rtp') return this.#handleRtp(bytes, address, port);
    counters.discard(kind === 'stun' ? 'stun' : 'not-media');
  }

  /** @returns whether it was a check of the party, or its answer to one: those are no media, and are counted apart */
  #handleStun(bytes: Uint8Array, source: Endpoint): boolean {
    const now = this.#options.now();
    if (this.#isClosed || !this.#ice?.handleStun(now, bytes, source, this.peer?.ice)) return false;
    this.#lastToldOfAt = now;
    return true;
  }

  #handleRtp(bytes: Uint8Array, address: string, port: number): void {
    const counters = this.#counters;
    const offset = rtpPayloadOffset(bytes);
    if (offset < 0) return counters.discard('malformed');
    const payloadType = rtpPayloadType(bytes);
    const clockRateHz = this.#formats.clockRateHz(payloadType);
    if (clockRateHz === 0) return this.#admission.refuseType(payloadType, address);
    const now = this.#options.now();
    const source = this.#latch.check(now, address, port);
    if (source !== 'known' && !this.#admission.admit(now, source, address, port)) return;
    this.#lastPacketAt = now;
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
    // After it was counted: a phone that sends on through a hold loses nothing by it.
    if (!this.#mayReceive) {
      this.passage?.interrupt();
      return counters.discard('direction');
    }
    // RFC 3550 A.1: a jump counts only when the next in order confirms it; then the stream goes on without a hole.
    if (verdict === 'suspect') return counters.discard('bad-sequence');
    if (verdict === 'restart') this.passage?.interrupt();
    const outcome = this.#copies
      ? this.#unpack(now, bytes, offset, this.#copies)
      : this.#pass(now, bytes, payloadType, offset);
    if (outcome === 'forwarded') counters.forwarded += 1;
    else if (outcome === 'consumed') counters.consumed += 1;
    else counters.discard(outcome);
  }

  #pass(now: number, bytes: Uint8Array, payloadType: number, offset: number, isCopy = false): PacketOutcome {
    if (this.#formats.isEvent(payloadType)) {
      const clockRateHz = this.#formats.clockRateHz(payloadType);
      this.#hasOpenDigit = this.#digits.handlePacket(now, bytes, offset, clockRateHz);
    } else if (this.#hasOpenDigit) this.#hasOpenDigit = this.#digits.expire(now);
    if (this.toneTap) this.toneTap.handlePacket(bytes, offset);
    if (this.recordingTap) this.recordingTap.handlePacket(now, bytes, offset, isCopy);
    return this.passage?.pass(now, bytes, payloadType, offset, isCopy) ?? 'not-connected';
  }

  #unpack(now: number, bytes: Uint8Array, offset: number, copies: IncomingCopies): PacketOutcome {
    const extendedSequenceNumber = this.#inbound.extendedSequenceOf(rtpSequenceNumber(bytes));
    const clockRateHz = this.#formats.clockRateHz(rtpPayloadType(bytes));
    return copies.receive(now, bytes, { offset, extendedSequenceNumber, clockRateHz }, (packet, isCopy) => {
      const payloadOffset = rtpPayloadOffset(packet);
      const outcome = this.#pass(now, packet, rtpPayloadType(packet), payloadOffset, isCopy);
      if (isCopy && (outcome === 'forwarded' || outcome === 'consumed')) this.#counters.repaired += 1;
      return outcome;
    });
  }

  #handleRtcp(bytes: Uint8Array, address: string, port: number): void {
    if (this.#isClosed) return;
    const now = this.#options.now();
    if (this.#rtcp.handleDatagram(now, bytes, { address, port })) this.#lastToldOfAt = now;
  }
}
