// Where a message goes to and came from.
import type { Endpoint } from '../../core/index.ts';

export type TransportProtocol = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/** A path to one peer: a local socket and a remote address, or a connection (RFC 5626's word). */
export interface Flow {
  readonly protocol: TransportProtocol;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Number of the connection; undefined for UDP. A flow whose connection is gone cannot be sent to. */
  readonly connectionId: number | undefined;
}
