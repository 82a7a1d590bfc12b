// Values of TURN's own attributes (RFC 8656 §18).
import type { AddressFamily } from '../../core/index.ts';

/** REQUESTED-TRANSPORT (§18.8): the protocol number of UDP, then three reserved bytes. */
export const TRANSPORT_UDP = 17;
/** Of RFC 6062 §4.1. */
export const TRANSPORT_TCP = 6;

const FAMILY_IPV4 = 1;
const FAMILY_IPV6 = 2;

/** REQUESTED-ADDRESS-FAMILY and ADDITIONAL-ADDRESS-FAMILY (§18.6, §18.11): undefined where the value is neither. */
export function readAddressFamily(value: Uint8Array): AddressFamily | undefined {
  if (value.length !== 4) return undefined;
  if (value[0] === FAMILY_IPV4) return 4;
  return value[0] === FAMILY_IPV6 ? 6 : undefined;
}

export function encodeAddressFamily(family: AddressFamily): Uint8Array {
  return Uint8Array.of(family === 4 ? FAMILY_IPV4 : FAMILY_IPV6, 0, 0, 0);
}

/** The value of REQUESTED-TRANSPORT. */
export function encodeTransport(protocol: number): Uint8Array {
  return Uint8Array.of(protocol, 0, 0, 0);
}

/** CHANNEL-NUMBER (§18.1): the number, then two reserved bytes. */
export function encodeChannelNumber(channel: number): Uint8Array {
  return Uint8Array.of(channel >> 8, channel & 0xff, 0, 0);
}
