// Whom the relays of a path let through: the addresses that the peer named (RFC 8656 §9).
import { addressScope, type Endpoint } from '../../core/index.ts';
import type { Candidate } from '../ice/index.ts';
import type { RelayBase } from './relay-base.ts';

/** Of one peer; more of them are nobody's. */
const MAX_PEER_ADDRESSES = 32;

/** Nobody outside reaches those, and servers refuse them (RFC 8656 §21.1). */
const NOT_OUTSIDE: ReadonlySet<string | undefined> = new Set([
  'unspecified',
  'loopback',
  'link-local',
  'multicast',
  'broadcast',
  undefined,
]);

export class Permits {
  #addresses: readonly string[] = [];

  /** Takes the place of those before. */
  setPeers(now: number, candidates: readonly Candidate[], relays: readonly RelayBase[]): void {
    const addresses = new Set(candidates.map(({ endpoint }) => endpoint.address));
    this.#addresses = [...addresses].slice(0, MAX_PEER_ADDRESSES);
    for (const relay of relays) this.open(now, relay);
  }

  /** Before the first check comes: it would be lost. */
  open(now: number, { client }: RelayBase): void {
    for (const address of this.#addresses) if (isOutside(address, client.server)) client.permit(now, address);
  }
}

/** Or on the machine of the relay: the sound of a telephone server beside it. */
function isOutside(address: string, server: Endpoint): boolean {
  return address === server.address || !NOT_OUTSIDE.has(addressScope(address));
}
