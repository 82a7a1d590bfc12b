// Which candidates and which pairs of them come first (RFC 8445 §5.1.2, §6.1.2.3).
import type { Candidate, CandidateType, ComponentId, IceRole } from './types.ts';

/** RFC 8445 §5.1.2.2: what costs nobody a relay goes first. */
const TYPE_PREFERENCE: Readonly<Record<CandidateType, number>> = {
  host: 126,
  peerReflexive: 110,
  serverReflexive: 100,
  relayed: 0,
};

/** RFC 8445 §5.1.2.1: of a host with one address only. */
export const HIGHEST_LOCAL_PREFERENCE = 65_535;

/**
 * Priority of a candidate (RFC 8445 §5.1.2.1).
 *
 * @param localPreference - 0 to 65535: another one for each address of the host, higher is better
 * @returns 1 to 2^31 - 1
 */
export function candidatePriority(
  type: CandidateType,
  component: ComponentId,
  localPreference = HIGHEST_LOCAL_PREFERENCE,
): number {
  return TYPE_PREFERENCE[type] * 0x1000000 + localPreference * 0x100 + (256 - component);
}

/** What a check says of the candidate as which the peer may see its sender (RFC 8445 §7.1.1). */
export function peerReflexivePriority({ type, component, priority }: Candidate): number {
  const localPreference = (priority >> 8) & 0xffff;
  // Departs from RFC 8445 §7.1.1: a relay is told as one. Where the peer hears a check before it hears of the relayed
  // candidate, it would else put the relay before every reflexive address.
  return candidatePriority(type === 'relayed' ? 'relayed' : 'peerReflexive', component, localPreference);
}

/**
 * Priority of a pair (RFC 8445 §6.1.2.3): the same on both sides.
 *
 * @param role - ours
 * @returns below 2^63
 */
export function pairPriority(role: IceRole, local: Candidate, remote: Candidate): bigint {
  const isControlling = role === 'controlling';
  const [controlling, controlled] = isControlling
    ? [local.priority, remote.priority]
    : [remote.priority, local.priority];
  const [lower, higher] = [Math.min(controlling, controlled), Math.max(controlling, controlled)];
  return (BigInt(lower) << 32n) + 2n * BigInt(higher) + (controlling > controlled ? 1n : 0n);
}
