// The theory: which pairs of NATs two agents get through without a relay (RFC 4787 §4.1, §5; RFC 8445 §7.3.1.3).
import type { NatBehaviour } from '../../support/index.ts';

export interface NatKind {
  readonly mapping: NatBehaviour;
  readonly filtering: NatBehaviour;
}

/**
 * Each side knows where a STUN server saw it, and checks the other's such address. Ports are not preserved, so that
 * nobody can guess them.
 *
 * - Where both keep one mapping for all destinations, each sends to where the other listens, and opens its own filter
 *   by that: direct, whatever the filters are.
 * - Where one of them (S) has another mapping for the peer, its checks come from a port that nobody foretold. The other
 *   (E) hears them unless its filter asks for that very port. Hearing one, it learns the port and answers there.
 * - Where both have, neither listens at the address that the other knows. One of them must have a filter that lets
 *   everybody in, so that the first check is heard, and the other one must let the answer in, which comes from another
 *   port than it sent to. Two that have another mapping for each port never answer from where they were asked.
 */
export function isDirect(a: NatKind, b: NatKind): boolean {
  const [isFixedA, isFixedB] = [a, b].map(({ mapping }) => mapping === 'endpoint-independent');
  if (isFixedA && isFixedB) return true;
  if (isFixedA) return !asksForPort(a);
  if (isFixedB) return !asksForPort(b);
  if (a.mapping === 'address-and-port-dependent' && b.mapping === a.mapping) return false;
  return (isOpen(a) && !asksForPort(b)) || (isOpen(b) && !asksForPort(a));
}

function isOpen({ filtering }: NatKind): boolean {
  return filtering === 'endpoint-independent';
}

function asksForPort({ filtering }: NatKind): boolean {
  return filtering === 'address-and-port-dependent';
}
