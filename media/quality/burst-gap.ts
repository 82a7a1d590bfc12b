// Losses in bursts and gaps (RFC 3611 §4.7.2), and how far they come in runs (ITU-T G.107 §7.5). Counted from loss to
// loss, so that a packet that came costs nothing.
import type { BurstGap } from './types.ts';

/** RFC 3611 §4.7.2: so many packets received in a row end a burst; and the value that it recommends. */
export const GMIN = 16;

/**
 * A burst begins and ends with a loss and has fewer than {@link GMIN} packets received in a row in it. A loss alone, with
 * as many received before and after it, belongs to the gap. Beyond both ends of the stream as many count as received.
 *
 * Packets are told of by their place in the stream, 1 for the first.
 */
export class BurstGapCounter {
  /** Lost in all, and the runs in which they came: any packet received ends a run. */
  lost = 0;
  lossRuns = 0;
  #lastLost = 0;
  /** From the first to the last loss that may yet be one burst, and the losses in it. */
  #openPackets = 0;
  #openLosses = 0;
  /** The gap before it, and all gaps and bursts before that. */
  #gapPackets = 0;
  #gapLosses = 0;
  #allGapPackets = 0;
  #allGapLosses = 0;
  #gaps = 0;
  #burstPackets = 0;
  #burstLosses = 0;
  #bursts = 0;

  /** Packets in a row were lost. Each call tells of packets behind those of the call before. */
  lose(place: number, count = 1): void {
    const receivedBefore = Math.max(0, place - this.#lastLost - 1);
    if (this.lost === 0 || receivedBefore > 0) this.lossRuns += 1;
    if (this.#openLosses > 0 && receivedBefore < GMIN) {
      this.#openPackets += receivedBefore + count;
      this.#openLosses += count;
    } else {
      this.#settle();
      this.#gapPackets += receivedBefore;
      this.#openPackets = count;
      this.#openLosses = count;
    }
    this.lost += count;
    this.#lastLost = place + count - 1;
  }

  /** How much less by chance losses came than at random (ITU-T G.107 §7.5), at least 1. @param packets - of the stream */
  burstRatio(packets: number): number {
    return burstRatioOf(this.lost, this.lossRuns, packets);
  }

  /** @param packets - of the stream so far @param packetMs - the time of one; null before there is one */
  at(packets: number, packetMs: number): BurstGap | null {
    if (!(packets > 0)) return null;
    const copy = this.copy();
    copy.#settle();
    copy.#gapPackets += Math.max(0, packets - this.#lastLost);
    copy.#endGap();
    return {
      burstDensity: ratio(copy.#burstLosses, copy.#burstPackets),
      gapDensity: ratio(copy.#allGapLosses, copy.#allGapPackets),
      burstMs: packetMs * ratio(copy.#burstPackets, copy.#bursts),
      gapMs: packetMs * ratio(copy.#allGapPackets, copy.#gaps),
    };
  }

  copy(): BurstGapCounter {
    const copy = new BurstGapCounter();
    copy.lost = this.lost;
    copy.lossRuns = this.lossRuns;
    copy.#lastLost = this.#lastLost;
    copy.#openPackets = this.#openPackets;
    copy.#openLosses = this.#openLosses;
    copy.#gapPackets = this.#gapPackets;
    copy.#gapLosses = this.#gapLosses;
    copy.#allGapPackets = this.#allGapPackets;
    copy.#allGapLosses = this.#allGapLosses;
    copy.#gaps = this.#gaps;
    copy.#burstPackets = this.#burstPackets;
    copy.#burstLosses = this.#burstLosses;
    copy.#bursts = this.#bursts;
    return copy;
  }

  /** What is open was a burst, or one loss of the gap before it. */
  #settle(): void {
    if (this.#openLosses === 1) {
      this.#gapPackets += 1;
      this.#gapLosses += 1;
    } else if (this.#openLosses > 1) {
      this.#endGap();
      this.#bursts += 1;
      this.#burstPackets += this.#openPackets;
      this.#burstLosses += this.#openLosses;
    }
    this.#openPackets = 0;
    this.#openLosses = 0;
  }

  #endGap(): void {
    if (this.#gapPackets > 0) this.#gaps += 1;
    this.#allGapPackets += this.#gapPackets;
    this.#allGapLosses += this.#gapLosses;
    this.#gapPackets = 0;
    this.#gapLosses = 0;
  }
}

/**
 * BurstR of ITU-T G.107 §7.5: the mean length of runs of losses, over what it would be at random, of as many losses. From
 * the two transitions of a Gilbert chain: q from lost to received is runs a loss; BurstR = (1 - Ppl) / q.
 *
 * @returns at least 1, which is loss at random: runs that are shorter by chance change no rating
 */
export function burstRatioOf(lost: number, runs: number, packets: number): number {
  if (!(lost > 1) || !(runs > 0) || !(packets > lost)) return 1;
  return Math.max(1, (lost / runs) * (1 - lost / packets));
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
