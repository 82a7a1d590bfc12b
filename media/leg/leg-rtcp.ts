// A leg's RTCP: whose reports count, and where ours go.
import { DecodeError, type Endpoint, isSameEndpoint, type UdpSocket } from '../../core/index.ts';
import type { RemoteMedia } from '../engine/types.ts';
import type { ReportBlock, RtcpPacket } from '../rtcp/index.ts';
import { RtcpSession, type RtcpSessionOptions } from '../stream/rtcp-session.ts';
import type { Latch } from './latch.ts';

/** By then a party that begins at once has sent its first report: see `RtcpSessionOptions.firstReportAfterMs`. */
const FIRST_REPORT_AFTER_MS = 900;

export interface LegRtcpOptions extends Omit<RtcpSessionOptions, 'firstReportAfterMs'> {
  readonly rtp: UdpSocket;
  readonly rtcp: UdpSocket;
  /** What the leg learned of its source. */
  readonly latch: Latch;
  /** The party reports on our stream. */
  onReport(now: number, block: ReportBlock): void;
}

/** Reports of anybody but the party are nobody's: a forged one must not count, nor keep a dead call alive. */
export class LegRtcp {
  readonly #options: LegRtcpOptions;
  readonly #session: RtcpSession;
  #remote: RemoteMedia | undefined;
  /** Learned once, as RTP's is. */
  #source: Endpoint | undefined;

  constructor(options: LegRtcpOptions) {
    this.#options = options;
    this.#session = new RtcpSession({ ...options, firstReportAfterMs: FIRST_REPORT_AFTER_MS });
  }

  /** Reports of the party. */
  get reports(): number {
    return this.#session.reports;
  }

  /** Those of them that cannot be true. */
  get lies(): number {
    return this.#session.lies;
  }

  setRemote(now: number, remote: RemoteMedia): void {
    if (this.#remote && !isSameEndpoint(this.#remote.rtcp, remote.rtcp)) this.#source = undefined;
    this.#remote = remote;
    this.#session.want(remote.wantedXr);
    this.#session.start(now);
    // RFC 5761 §5.1.1: the second port is not needed any more.
    if (remote.rtcpMux) this.#options.rtcp.close();
  }

  nextAt(): number | undefined {
    return this.#session.nextAt();
  }

  handleTimeout(now: number): void {
    const report = this.#session.handleTimeout(now);
    if (report) this.#send(report);
  }

  /** @returns whether it was the party's, and could be read */
  handleDatagram(now: number, bytes: Uint8Array, source: Endpoint): boolean {
    const remote = this.#remote;
    if (!remote || !this.#isFromParty(remote, source)) return false;
    const packets = this.#session.handleRtcp(now, bytes);
    if (packets instanceof DecodeError) return false;
    for (const packet of packets) this.#tell(now, packet);
    this.#source ??= source;
    return true;
  }

  /** RTP comes from a new address: what a stranger's host was told is the party's from now on. */
  handleLearned(address: string): void {
    if (this.#source?.address !== address) this.#source = undefined;
  }

  sayGoodbye(now: number): void {
    const goodbye = this.#session.goodbye(now);
    if (goodbye) this.#send(goodbye);
  }

  #tell(now: number, packet: RtcpPacket): void {
    if (packet.type !== 'SR' && packet.type !== 'RR') return;
    const { outbound, onReport } = this.#options;
    for (const block of packet.reports) {
      if (block.ssrc === outbound.ssrc && outbound.sent > 0) onReport(now, block);
    }
  }

  /** Until a source was learned, anything of the party's host will do. */
  #isFromParty(remote: RemoteMedia, source: Endpoint): boolean {
    if (isSameEndpoint(source, remote.rtcp)) return true;
    if (this.#source) return isSameEndpoint(source, this.#source);
    const { address } = source;
    const { latch } = this.#options;
    const party = latch.address ?? latch.expected?.address;
    return address === party || address === remote.rtcp.address;
  }

  #send(bytes: Uint8Array): void {
    const remote = this.#remote;
    if (!remote) return;
    const { rtp, rtcp, latch } = this.#options;
    const to = remote.rtcpMux
      ? (latch.source ?? latch.expected ?? remote.rtp)
      : (this.#source ?? remote.rtcp);
    (remote.rtcpMux ? rtp : rtcp).send(bytes, to.address, to.port);
  }
}
