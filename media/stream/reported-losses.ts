// Which of our packets the party lost, in order, by its loss reports (RFC 3611 §4.1).
import { type BurstGap, BurstGapCounter } from '../quality/index.ts';
import { forEachRun, type RunLengthBlock, reportedPackets } from '../rtcp/index.ts';

/** Where our stream stands. */
export interface SentSoFar {
  readonly span: number;
  behindNewest(sequenceNumber: number): number;
}

const HALF = 0x8000;

/** Reports may tell of packets that those before told of, or leave some out: these count as received. */
export class ReportedLosses {
  readonly #losses = new BurstGapCounter();
  /** Packets that were told of, or left out. */
  #packets = 0;
  /** The number behind the last of them, 16 bit. */
  #next: number | undefined;

  /** Null before anything was told. @param packetMs - the time of one packet */
  burstGap(packetMs: number): BurstGap | null {
    return this.#losses.at(this.#packets, packetMs);
  }

  /** BurstR of what was told, at least 1. */
  get burstRatio(): number {
    return this.#losses.burstRatio(this.#packets);
  }

  /** @returns false where it tells of packets that were never sent; then nothing is taken */
  take(block: RunLengthBlock, stream: SentSoFar): boolean {
    const { endSequence } = block;
    const count = reportedPackets(block);
    // RFC 3611 §4.1: one that leaves packets out by thinning says nothing of runs.
    if (block.thinning > 0 || count === 0) return true;
    const behind = stream.behindNewest((endSequence - 1) & 0xffff);
    if (behind >= HALF || behind + count > stream.span) return false;
    const news = this.#next === undefined ? count : (endSequence - this.#next) & 0xffff;
    if (news === 0 || news >= HALF) return true;
    const toSkip = Math.max(0, count - news);
    const before = this.#packets + news - count;
    forEachRun(block, (bit, from, packets) => {
      const first = Math.max(from, toSkip);
      if (bit === 0 && from + packets > first) this.#losses.lose(before + first + 1, from + packets - first);
    });
    this.#packets = before + count;
    this.#next = endSequence;
    return true;
  }
}
