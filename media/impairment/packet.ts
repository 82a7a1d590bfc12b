// What crosses a link.
import type { Endpoint } from '../../core/index.ts';

/** A datagram, or one segment of a TCP stream, as it leaves a host. */
export interface Packet {
  readonly protocol: 'udp' | 'tcp';
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly bytes: Uint8Array;
}

/** Why a packet did not cross a link. */
export type LinkLoss = 'lost by the link' | 'queue of the link full' | 'fragment dropped';

/** IP and UDP headers, by family. */
export function udpOverheadBytes(address: string): number {
  return address.includes(':') ? 48 : 28;
}
