// Where a TURN server is and what it takes to use it (RFC 8656, RFC 7065).
import type { Endpoint } from '../../core/index.ts';

export type TurnTransport = 'udp' | 'tcp' | 'tls';

/** How a client proves who it is (RFC 8489 §9.2). */
export interface TurnCredentials {
  readonly username: string;
  readonly password: string;
}

/** A server as a client is told of it: `turn:192.0.2.1:3478?transport=udp`. */
export interface TurnServerAddress {
  /** Name or numeric address. */
  readonly host: string;
  readonly port: number;
  readonly transport: TurnTransport;
}

/** A server that may be used. */
export interface TurnService extends TurnServerAddress {
  readonly credentials: TurnCredentials;
}

/** STUN and TURN (RFC 8489 §18.6, RFC 8656 §7). */
export const STUN_PORT = 3478;
export const STUNS_PORT = 5349;

/** What an allocation gave (RFC 8656 §7.3). */
export interface Allocated {
  /** Where peers reach us. */
  readonly relayed: Endpoint;
  /** How the server sees us. */
  readonly mapped: Endpoint;
  readonly lifetimeSeconds: number;
}
