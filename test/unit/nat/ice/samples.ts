// Candidates and pairs to try things on.
import { CandidatePair } from '../../../../nat/ice/candidate-pair.ts';
import { candidatePriority } from '../../../../nat/ice/priority.ts';
import type { Candidate, CandidateType, LocalCandidate } from '../../../../nat/ice/types.ts';

/** @param last - the last byte of its address */
export function candidateOf(type: CandidateType, last: number, change: Partial<Candidate> = {}): Candidate {
  return {
    foundation: `${type}${last}`,
    component: 1,
    priority: candidatePriority(type, 1),
    endpoint: { address: `198.51.100.${last}`, port: 5000 },
    type,
    ...change,
  };
}

export function localOf(type: CandidateType = 'host', base = 1): LocalCandidate {
  return { candidate: candidateOf(type, 200 + base), base };
}

/** @param types - local and remote */
export function pairOf(
  types: readonly [CandidateType, CandidateType],
  change: Partial<CandidatePair> = {},
): CandidatePair {
  const pair = new CandidatePair('controlling', localOf(types[0]), candidateOf(types[1], 1));
  return Object.assign(pair, change);
}
