// Where checks may go, and through what: a peer names addresses, and could name those of others.
import { type AddressScope, addressFamily, addressScope, type Endpoint } from '../../core/index.ts';
import type { Candidate, LocalCandidate } from './types.ts';

const NOBODYS: ReadonlySet<AddressScope | undefined> = new Set([
  'unspecified',
  'multicast',
  'broadcast',
  undefined,
]);

const INSIDE: ReadonlySet<AddressScope | undefined> = new Set([
  'loopback',
  'link-local',
  'private',
  'shared',
]);

/** Whether one host is there to answer: not a group, not all, not none. */
export function isCheckable({ address, port }: Endpoint): boolean {
  return port > 0 && port <= 65_535 && !NOBODYS.has(addressScope(address));
}

/** Whether packets of `local` could reach `remote` at all (RFC 8445 §6.1.2.2). */
export function canReach({ candidate: local, relay }: LocalCandidate, remote: Candidate): boolean {
  if (local.component !== remote.component || !isCheckable(remote.endpoint)) return false;
  const [own, other] = [local.endpoint.address, remote.endpoint.address];
  if (addressFamily(own) !== addressFamily(other)) return false;
  // On the machine of the relay itself: it knows whether that is a telephone server's sound or none of our business.
  if (relay === other) return true;
  const [ownScope, otherScope] = [addressScope(own), addressScope(other)];
  if (ownScope === 'loopback' || otherScope === 'loopback') return ownScope === otherScope;
  // RFC 8445 §6.1.2.2: link-local addresses of IPv6 with their like only.
  if (addressFamily(own) === 6 && (ownScope === 'link-local' || otherScope === 'link-local')) {
    return ownScope === otherScope;
  }
  // Departs from RFC 8445 §6.1.2.2: a relay outside reaches nobody inside; its server would refuse to try.
  return local.type !== 'relayed' || !INSIDE.has(otherScope) || INSIDE.has(ownScope);
}
