// Run lengths and bit vectors of loss and duplicate reports (RFC 3611 §4.1.1): chunks of 16 bits.
//
// | 0 | run of ones? |   run length (14)   |     or     | 1 |   bits of 15 packets   |
import type { RunLengthBlock } from './types.ts';

const BITS_OF_VECTOR = 15;

/** How many packets the interval has, whatever its chunks claim; those that thinning leaves out are not counted. */
export function reportedPackets({ beginSequence, endSequence, thinning }: RunLengthBlock): number {
  const step = 2 ** thinning;
  const first = Math.ceil(beginSequence / step);
  const span = (endSequence - beginSequence) & 0xffff;
  return Math.max(0, Math.ceil((beginSequence + span) / step) - first);
}

/**
 * Gives the packets that the interval tells of in order, as runs of equal bits: of a loss report 1 is received, 0 lost; of
 * a duplicate report 0 is doubled, 1 is not. What the chunks do not reach is not given: nothing was told of it.
 *
 * @param take - from so many packets behind the first, how many
 */
export function forEachRun(
  block: RunLengthBlock,
  take: (bit: 0 | 1, from: number, count: number) => void,
): void {
  const packets = reportedPackets(block);
  let at = 0;
  for (const chunk of block.chunks) {
    // RFC 3611 §4.1.3: a null chunk ends the list. Beyond the interval nothing counts, whatever is claimed.
    if (chunk === 0 || at >= packets) break;
    if ((chunk & 0x8000) !== 0) {
      for (let bit = 0; bit < BITS_OF_VECTOR && at + bit < packets; bit += 1)
        take(((chunk >> (BITS_OF_VECTOR - 1 - bit)) & 1) === 1 ? 1 : 0, at + bit, 1);
      at += BITS_OF_VECTOR;
    } else {
      const run = Math.min(chunk & 0x3fff, packets - at);
      take(((chunk >> 14) & 1) === 1 ? 1 : 0, at, run);
      at += run;
    }
  }
}
