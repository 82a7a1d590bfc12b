// Report blocks on one stream (RFC 3550 §6.4.1) as news: what each says that those before it did not.
import type { ReportBlock } from '../rtcp/index.ts';
import type { OutboundStream } from '../stream/index.ts';
import type { Reception } from './types.ts';

/** What of our stream a report is measured against. */
export type ReportedStream = Pick<OutboundStream, 'sent' | 'firstSequence' | 'clockRateHz' | 'roundTrip'>;

export class ReportReader {
  #highest: number | undefined;

  /** @param stream - ours, which took the block before */
  read(block: ReportBlock, stream: ReportedStream): Reception {
    const { sent, firstSequence = 0, clockRateHz, roundTrip } = stream;
    const highest = block.extendedHighestSequenceNumber & 0xffff;
    // 16 bits suffice between two reports; a number that goes back tells of packets that were reported before.
    const advance = (highest - (this.#highest ?? firstSequence - 1)) & 0xffff;
    this.#highest = highest;
    return {
      lossRatio: block.fractionLost / 256,
      // Nobody can have seen more than there was.
      packets: advance < 0x8000 ? Math.min(advance, sent) : 0,
      roundTripMs: block.lastSr === 0 ? null : roundTrip.lastMs,
      jitterMs: (block.interarrivalJitter * 1000) / clockRateHz,
    };
  }
}
