// What a report on our stream says that cannot be (RFC 3550 §6.4.1): nothing of it ends a call, all of it is counted.
import type { ReportBlock } from '../rtcp/index.ts';
import type { OutboundStream } from './outbound-stream.ts';

/** No network keeps packets for so long. */
export const LONGEST_JITTER_MS = 60_000;
/** A number that is farther behind our newest than ever a network was, or is ahead of it. */
const FARTHEST_BEHIND = 0x8000;

/** Whether what it says of our packets can be. @param block - on our stream */
export function isPossibleLoss(block: ReportBlock, stream: OutboundStream): boolean {
  const { sent, span } = stream;
  if (sent === 0) return false;
  const { cumulativeLost, extendedHighestSequenceNumber: highest } = block;
  return (
    stream.behindNewest(highest) < Math.min(FARTHEST_BEHIND, span + 1) &&
    cumulativeLost <= stream.expectedUpTo(highest) &&
    // Each duplicate counts once against the loss: a network that doubles all is the worst that was seen.
    cumulativeLost >= -2 * sent
  );
}

/** @param jitter - in ticks of the stream's payload clock */
export function isPossibleJitter(jitter: number, { clockRateHz }: OutboundStream): boolean {
  return (jitter * 1000) / clockRateHz <= LONGEST_JITTER_MS;
}
