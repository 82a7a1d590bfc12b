// How many reports a party sent, and how many of them cannot be true.
import type { RtcpPacket } from '../rtcp/index.ts';
import type { InboundStream } from './inbound-stream.ts';

/** Packets on their way while a sender says goodbye; who sends more has not left. */
const IN_FLIGHT = 50;

/** Counts datagrams, so that one that lies in ten ways counts once. */
export class ReportTruth {
  reports = 0;
  #lies = 0;
  #isDoubtful = false;
  /** What had come when the party said goodbye; undefined where it did not. */
  #receivedAtGoodbye: number | undefined;

  begin(): void {
    this.#isDoubtful = false;
  }

  /** The datagram says what cannot be. */
  doubt(): void {
    this.#isDoubtful = true;
  }

  end(packets: readonly RtcpPacket[], inbound: InboundStream): void {
    this.reports += 1;
    for (const packet of packets) this.#check(packet, inbound);
    if (this.#isDoubtful) this.#lies += 1;
  }

  liesAt(inbound: InboundStream): number {
    const isForged =
      this.#receivedAtGoodbye !== undefined && inbound.received > this.#receivedAtGoodbye + IN_FLIGHT;
    return this.#lies + (isForged ? 1 : 0);
  }

  #check(packet: RtcpPacket, { ssrc, priorSsrc, received }: InboundStream): void {
    if (ssrc === undefined) return;
    // A session of two: the party is whoever sends the sound, or sent it before its SSRC changed.
    const isTheirs = (source: number) => source === ssrc || source === priorSsrc;
    if (packet.type === 'SR' && !isTheirs(packet.ssrc)) this.doubt();
    if (packet.type !== 'BYE') return;
    if (packet.sources.includes(ssrc)) this.#receivedAtGoodbye ??= received;
    else if (!packet.sources.every(isTheirs)) this.doubt();
  }
}
