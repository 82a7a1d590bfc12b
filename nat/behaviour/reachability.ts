// Whether two hosts behind NATs can talk directly: what hole punching by ICE can do, from RFC 4787's behaviours alone.
import type { BehaviourReport, NatBehaviour } from './types.ts';

export interface NatKind {
  readonly mapping: NatBehaviour;
  readonly filtering: NatBehaviour;
}

/** `unknown` where what is not known of us decides. */
export type Reachability = 'direct' | 'relay' | 'unknown';

const ALL: readonly NatBehaviour[] = [
  'endpoint-independent',
  'address-dependent',
  'address-and-port-dependent',
];

/**
 * Whether checks of both sides find a path, each knowing the mapping that the other has towards a STUN server, and
 * learning the rest from what it hears (peer-reflexive candidates, RFC 8445 §7.3.1.3).
 */
export function canConnect(a: NatKind, b: NatKind): boolean {
  return canOpen(a, b) || canOpen(b, a);
}

/** Whether a check of `a` to the known mapping of `b` is heard there, and what follows from it works both ways. */
function canOpen(a: NatKind, b: NatKind): boolean {
  if (!isHeard(a, b)) return false;
  // The answer comes from the mapping that was sent to: no filter of a drops it.
  if (b.mapping === 'endpoint-independent') return true;
  // It comes from a mapping that b has towards a alone: a must let in a port that it has not sent to,
  if (a.filtering === 'address-and-port-dependent') return false;
  // and its own answer there must come from a mapping that b knows, or that b need not know.
  return a.mapping !== 'address-and-port-dependent' || b.mapping === 'address-dependent';
}

function isHeard(a: NatKind, b: NatKind): boolean {
  if (b.filtering === 'endpoint-independent') return true;
  // The mapping that a knows of has sent to the STUN server alone.
  if (b.mapping !== 'endpoint-independent') return false;
  // It has sent to the mapping of a that b knows: a must come from there, or from the same address at least.
  return b.filtering === 'address-dependent' || a.mapping === 'endpoint-independent';
}

/** Whether a call between the host of the report and such a peer can be direct. */
export function reachabilityOf(report: BehaviourReport, peer: NatKind): Reachability {
  if (report.isBehindNat === null) return 'relay';
  const verdicts = possibleKinds(report).map((own) => canConnect(own, peer));
  if (verdicts.every((isDirect) => isDirect)) return 'direct';
  return verdicts.some((isDirect) => isDirect) ? 'unknown' : 'relay';
}

/** All that the host's NAT may be, as far as it is known. */
function possibleKinds(report: BehaviourReport): readonly NatKind[] {
  const { mapping, isMappingStable, filtering, isFilteredByPort } = report;
  const mappings = mapping === null ? mappingsFor(isMappingStable) : [mapping];
  const filterings = filtering === null ? filteringsFor(isFilteredByPort) : [filtering];
  return mappings.flatMap((one) => filterings.map((other) => ({ mapping: one, filtering: other })));
}

function mappingsFor(isStable: boolean | null): readonly NatBehaviour[] {
  if (isStable === null) return ALL;
  // Who was seen under one endpoint at several ports may still be seen under another at another address.
  return ALL.filter((one) =>
    isStable ? one !== 'address-and-port-dependent' : one !== 'endpoint-independent',
  );
}

function filteringsFor(isByPort: boolean | null): readonly NatBehaviour[] {
  return isByPort === null ? ALL : ALL.filter((one) => (one === 'address-and-port-dependent') === isByPort);
}
