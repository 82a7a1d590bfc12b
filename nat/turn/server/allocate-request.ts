// What an Allocate request asks for (RFC 8656 §7.2, steps 3 to 9).
import type { AddressFamily } from '../../../core/index.ts';
import { ATTRIBUTE } from '../../stun/attribute.ts';
import type { StunMessage } from '../../stun/message.ts';
import { DEFAULT_LIFETIME_SECONDS, MAX_LIFETIME_SECONDS } from '../lifetimes.ts';
import { readAddressFamily, TRANSPORT_UDP } from '../values.ts';
import type { TurnErrorCode } from './answers.ts';
import type { PortWish } from './relay-pool.ts';

export interface AllocateWish {
  readonly family: AddressFamily;
  /** A second relay, of IPv6, beside the one of IPv4. */
  readonly isDual: boolean;
  readonly port: PortWish;
  /** The relay that was reserved before. */
  readonly token?: Uint8Array;
  readonly lifetimeSeconds: number;
}

/** @param supports - which families there are relays of */
export function readAllocate(
  request: StunMessage,
  supports: (family: AddressFamily) => boolean,
): AllocateWish | TurnErrorCode {
  const transport = request.value(ATTRIBUTE.requestedTransport);
  if (transport?.length !== 4) return 400;
  if (transport[0] !== TRANSPORT_UDP) return 442;
  const token = request.value(ATTRIBUTE.reservationToken);
  if (token) return readClaim(request, token);
  const families = readFamilies(request);
  if (typeof families === 'number') return families;
  if (!supports(families.family)) return 440;
  const port = readPortWish(request);
  if (!port || (port === 'pair' && families.isDual)) return 400;
  return { ...families, port, lifetimeSeconds: lifetimeOf(request) };
}

/** Step 5: what was reserved is what it is. */
function readClaim(request: StunMessage, token: Uint8Array): AllocateWish | TurnErrorCode {
  const others = [ATTRIBUTE.evenPort, ATTRIBUTE.requestedAddressFamily, ATTRIBUTE.additionalAddressFamily];
  if (token.length !== 8 || others.some((type) => request.has(type))) return 400;
  return { family: 4, isDual: false, port: 'any', token, lifetimeSeconds: lifetimeOf(request) };
}

/** Steps 6, 7 and 9. */
function readFamilies(
  request: StunMessage,
): { readonly family: AddressFamily; readonly isDual: boolean } | TurnErrorCode {
  const requested = request.value(ATTRIBUTE.requestedAddressFamily);
  const additional = request.value(ATTRIBUTE.additionalAddressFamily);
  if (requested && additional) return 400;
  if (additional && readAddressFamily(additional) !== 6) return 400;
  if (!requested) return { family: 4, isDual: additional !== undefined };
  const family = readAddressFamily(requested);
  return family ? { family, isDual: false } : 440;
}

/** EVEN-PORT (§18.7): the first bit of its only byte asks for the next port too. */
function readPortWish(request: StunMessage): PortWish | undefined {
  const value = request.value(ATTRIBUTE.evenPort);
  if (!value) return 'any';
  // Clients that pad before they count make it four bytes.
  if (value.length !== 1 && value.length !== 4) return undefined;
  return ((value[0] ?? 0) & 0x80) === 0 ? 'even' : 'pair';
}

/** §7.2, and §8.2 but for zero: within the default and the most. */
export function lifetimeOf(request: StunMessage): number {
  const wanted = request.uint32(ATTRIBUTE.lifetime) ?? DEFAULT_LIFETIME_SECONDS;
  return Math.max(DEFAULT_LIFETIME_SECONDS, Math.min(wanted, MAX_LIFETIME_SECONDS));
}
