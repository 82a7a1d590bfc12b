// What crosses the virtual network.
import type { Endpoint } from '../../../core/index.ts';

/** A datagram, or one segment of a TCP stream, as it leaves a host. */
export interface Packet {
  readonly protocol: 'udp' | 'tcp';
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly bytes: Uint8Array;
}

/** Why a packet did not arrive. */
export type LossReason =
  | 'lost by the link'
  | 'queue of the link full'
  | 'fragment dropped'
  | 'no route'
  | 'filtered by a NAT'
  | 'NAT has no port left'
  | 'no hairpinning'
  | 'no such host'
  | 'no socket';

/** IP and UDP headers, by family. */
export function udpOverheadBytes(address: string): number {
  return address.includes(':') ? 48 : 28;
}
