// Loss that nobody heard: what was lost and played from a copy all the same (RFC 2198), and the rating behind that.
import { codecImpairment, mosFromR, rFactor } from '../../media/index.ts';
import type { LegView } from './call-view.ts';

/** One of the two ways between a party and this server. */
export interface Way {
  readonly leg: LegView;
  /** From the party. */
  readonly isInbound: boolean;
}

/** Of a way, 0 to 1: what was lost for the ear; null where copies played no part, or nobody told of it. */
export function lossBehindRepair({ leg, isInbound }: Way): number | null {
  if (isInbound) {
    const { repaired, inbound } = leg.report;
    const expected = inbound.packets + Math.max(0, inbound.lost);
    return repaired > 0 && expected > 0 ? Math.max(0, inbound.lost - repaired) / expected : null;
  }
  const there = leg.measuredThere?.lossRatio ?? null;
  const total = leg.heard?.lossRatio ?? 0;
  // A phone that counts its holes alone tells of less than its RTCP, which counts what did not come.
  return there !== null && there < total / 2 ? there : null;
}

/** Of listening, as the listener has it; null where nothing was measured. */
export function mosOf(way: Way): number | null {
  const { leg, isInbound } = way;
  if (!isInbound) return leg.measuredThere?.mosLq ?? leg.heard?.mosLq ?? null;
  const left = lossBehindRepair(way);
  const codec = codecImpairment(leg.report.codec ?? '', true);
  return left === null || !codec ? leg.report.inbound.mosLq : mosFromR(rFactor(codec, left, 0));
}
