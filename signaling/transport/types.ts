// Where a message goes to and came from.
import type { Endpoint } from '../../core/index.ts';

export type TransportProtocol = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/** What the trace points `patchcord:sip:received` and `patchcord:sip:sent` publish. */
export interface SipTrace {
  /** One whole message, as on the wire; to be copied where it is kept. */
  readonly bytes: Uint8Array;
  readonly flow: Flow;
  /** `SipEndpoint.listening` of the endpoint: the same list tells endpoints of one process apart. */
  readonly listening: readonly { readonly protocol: TransportProtocol; readonly local: Endpoint }[];
}

/** A path to one peer: a local socket and a remote address, or a connection (RFC 5626's word). */
export interface Flow {
  readonly protocol: TransportProtocol;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Number of the connection; undefined for UDP. A flow whose connection is gone cannot be sent to. */
  readonly connectionId: number | undefined;
}
