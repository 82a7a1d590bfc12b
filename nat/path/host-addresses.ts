// Which of our addresses are worth a socket (RFC 8445 §5.1.1.1).
import { type AddressScope, addressBytes, addressFamily, addressScope } from '../../core/index.ts';

/** Of each family: a machine with many containers has dozens of addresses, and every one costs checks. */
export const MAX_ADDRESSES_PER_FAMILY = 4;

// From the best to the worst place to be reached at; what is not here is nobody's address.
const USEFUL: readonly AddressScope[] = ['public', 'documentation', 'private', 'shared', 'reserved'];
const LAST_RESORT: readonly AddressScope[] = ['link-local', 'loopback'];

/**
 * Chooses from the addresses of this host's interfaces.
 *
 * Loopback only where there is nothing else. Link-local IPv6 addresses never: without their zone, which
 * `Network.localAddresses()` does not tell, no socket can be bound to them. Those of IPv4 only in place of loopback.
 *
 * @param addresses - numeric, in the order of the system, which is kept within each family
 * @returns IPv4 before IPv6
 */
export function usefulAddresses(addresses: readonly string[]): readonly string[] {
  const unique = [...new Set(addresses)].filter((address) => !isForbidden(address));
  const useful = unique.filter((address) => hasScope(address, USEFUL));
  return useful.length > 0 ? capped(useful) : lastResort(unique);
}

function lastResort(addresses: readonly string[]): readonly string[] {
  for (const scope of LAST_RESORT) {
    const left = addresses.filter((address) => hasScope(address, [scope]));
    if (left.length > 0) return capped(left);
  }
  return [];
}

function capped(addresses: readonly string[]): readonly string[] {
  const ofFamily = (family: number) =>
    addresses.filter((address) => addressFamily(address) === family).slice(0, MAX_ADDRESSES_PER_FAMILY);
  return [...ofFamily(4), ...ofFamily(6)];
}

/** RFC 8445 §5.1.1.1: deprecated site-local, IPv4-compatible and IPv4-mapped IPv6 addresses MUST NOT be candidates. */
function isForbidden(address: string): boolean {
  const bytes = addressBytes(address);
  if (!bytes) return true;
  if (bytes.length === 4) return false;
  const [first = 0, second = 0] = bytes;
  const isSiteLocal = first === 0xfe && (second & 0xc0) === 0xc0;
  const isLinkLocal = first === 0xfe && (second & 0xc0) === 0x80;
  const isEmbedded = bytes.subarray(0, 10).every((byte) => byte === 0) && address !== '::1';
  return isSiteLocal || isLinkLocal || isEmbedded;
}

function hasScope(address: string, scopes: readonly AddressScope[]): boolean {
  const scope = addressScope(address);
  return scope !== undefined && scopes.includes(scope);
}
