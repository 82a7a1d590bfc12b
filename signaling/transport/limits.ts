// How much of us the peers on connections may take.

export interface ConnectionLimits {
  /** Connections in all. */
  readonly maxConnections: number;
  /** Connections with one remote address. */
  readonly maxConnectionsPerAddress: number;
  /** Bytes that a peer has not taken yet; beyond, the connection is dropped. */
  readonly maxBufferedBytes: number;
  /** A message that has begun must end within this time. */
  readonly messageMs: number;
  /** A peer that connected must send its first message within this time. */
  readonly firstMessageMs: number;
  /** A connection without any traffic is closed after this time. */
  readonly idleMs: number;
  /** How long we wait for a peer to accept our connection. */
  readonly connectMs: number;
}

export const DEFAULT_CONNECTION_LIMITS: ConnectionLimits = {
  maxConnections: 10_000,
  maxConnectionsPerAddress: 2_000,
  maxBufferedBytes: 1_048_576,
  messageMs: 30_000,
  firstMessageMs: 60_000,
  // Longer than the longest binding (3600 s): a phone without keep-alives must stay reachable over its connection.
  idleMs: 3_900_000,
  connectMs: 5_000,
};
