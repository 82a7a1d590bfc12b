// Which pair is to carry the data: the controlling agent's choice, and when it may be made (RFC 8445 §8.1.1).
import type { CandidatePair } from './candidate-pair.ts';

/**
 * A better direct pair has had its chance when its first check is older than the round trip of the one that answered, and
 * so long: one that needs longer is no better to speak over. Where it answers later it still takes the other's place.
 */
const DIRECT_CHANCE_MS = 20;
/** Before a relay is taken: both sides must have sent once for a hole in both NATs, and one packet may be lost. */
const RELAYED_CHANCE_MS = 600;
/** Nobody waits longer for pairs that were not even checked: with a direct pair, and with a relay. */
const [LONGEST_DIRECT_WAIT_MS, LONGEST_RELAYED_WAIT_MS] = [200, 1_000];

/** What to do about one component. */
export type Choice =
  /** There is nothing better than what is selected. */
  | { readonly type: 'none' }
  | { readonly type: 'nominate'; readonly pair: CandidatePair }
  /** A better pair may answer yet. */
  | { readonly type: 'wait'; readonly untilAt: number };

/**
 * The best pair that is known to work is nominated at once where nothing better can come or it joins two hosts
 * directly, and else as soon as the better ones had a fair chance.
 *
 * Departs from RFC 8445 §8.1.1: a better pair that answers later, and one that answers when the selected one died, is
 * nominated without a restart. A peer that keeps to its first one still takes data from every valid pair (§12.2).
 *
 * @param pairs - of one component, the best first
 */
export function choosePair(
  now: number,
  pairs: readonly CandidatePair[],
  selected: CandidatePair | undefined,
): Choice {
  const best = pairs.find((pair) => pair.isTrusted && !pair.isRevoked);
  if (!best || best === selected || (selected?.isTrusted && !isWorthMoving(selected, best))) {
    return { type: 'none' };
  }
  const untilAt = isBetweenHosts(best) ? now : fairUntil(pairs.slice(0, pairs.indexOf(best)), best);
  return untilAt <= now ? { type: 'nominate', pair: best } : { type: 'wait', untilAt };
}

/** Every move may be heard: of two pairs of hosts, or two through NATs, the one in use is as good. Relays do differ. */
function isWorthMoving(from: CandidatePair, to: CandidatePair): boolean {
  if (to.priority <= from.priority) return false;
  return from.isRelayed || isBetweenHosts(from) !== isBetweenHosts(to);
}

function isBetweenHosts({ localType, remote }: CandidatePair): boolean {
  return localType === 'host' && remote.type === 'host';
}

/** @param rivals - better ones, which have not answered */
function fairUntil(rivals: readonly CandidatePair[], best: CandidatePair): number {
  const chanceMs = (best.isRelayed ? RELAYED_CHANCE_MS : DIRECT_CHANCE_MS) + (best.roundTripMs ?? 0);
  const longestMs = best.isRelayed ? LONGEST_RELAYED_WAIT_MS : LONGEST_DIRECT_WAIT_MS;
  const limitAt = (best.validSince ?? 0) + longestMs;
  const chances = rivals
    .filter((pair) => pair.state !== 'failed' && !pair.isValid && !pair.isRevoked)
    .map((pair) => (pair.firstCheckedAt === undefined ? limitAt : pair.firstCheckedAt + chanceMs));
  return Math.min(limitAt, Math.max(0, ...chances));
}
