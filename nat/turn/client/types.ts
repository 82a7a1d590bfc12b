// What a TURN client is told, and what it tells.
import type { AddressFamily, Endpoint, Random } from '../../../core/index.ts';
import type { Allocated, TurnCredentials } from '../types.ts';

export interface TurnClientOptions {
  readonly random: Random;
  /** Numeric address of the server. */
  readonly server: Endpoint;
  /** Over TCP or TLS: nothing is sent twice, and ChannelData is padded (RFC 8656 §12.5). Default false. */
  readonly isReliable?: boolean;
  readonly credentials: TurnCredentials;
  /** Of the relayed address (RFC 8656 §7.1). Default 4. */
  readonly relayFamily?: AddressFamily;
  /** Asked for; the server decides. Its own default, ten minutes in RFC 8656, where not given. */
  readonly lifetimeSeconds?: number;
}

/**
 * `idle` nothing was asked for; `allocating` the server is asked; `allocated` peers reach us through it; `closing` it is
 * told that we go; `closed` for good: refused, lost or given back.
 */
export type TurnClientState = 'idle' | 'allocating' | 'allocated' | 'closing' | 'closed';

/** Why there is no allocation. */
export type TurnFailure =
  /** The server does not answer. */
  | 'timeout'
  /** 401 with our credentials, or answers that were not proven to be the server's. */
  | 'unauthorized'
  /** 403: the server's rules are against it. */
  | 'forbidden'
  /** 300: to be asked for at another server, which the event names. */
  | 'redirected'
  /** 437: our address and port have an allocation already, or none any more. */
  | 'mismatch'
  /** 440, 442: no relay of that kind. */
  | 'unsupported'
  /** 486: this user has as many as he may. */
  | 'quota'
  /** 508: the server has nothing left. */
  | 'capacity'
  /** Any other error, or an answer that makes no sense. */
  | 'refused';

export type TurnClientEvent =
  | { readonly type: 'allocated'; readonly allocated: Allocated }
  /** There is no allocation. `status` of the server's answer, where one came. */
  | {
      readonly type: 'failed';
      readonly failure: TurnFailure;
      readonly status?: number;
      readonly reason?: string;
      readonly alternateServer?: Endpoint;
    }
  /** There was one, and the server knows it no more or does not answer: the owner may allocate anew. */
  | { readonly type: 'lost'; readonly failure: TurnFailure; readonly status?: number }
  /** From now on data to this peer has four bytes of overhead. */
  | { readonly type: 'channelBound'; readonly peer: Endpoint }
  /** The server lets nothing through to this address (RFC 8656 §9.1): 403 for most that are not public. */
  | { readonly type: 'peerRefused'; readonly address: string; readonly status?: number }
  /** After {@link TurnClient.close}: given back, or the server did not answer in time. */
  | { readonly type: 'closed' };

/** Data that a peer sent to the relayed address. */
export interface RelayedData {
  readonly peer: Endpoint;
  /** A view into the datagram that was handed in. */
  readonly data: Uint8Array;
}

/** What came or was to be sent, and was dropped. */
export interface TurnClientCounters {
  /** From another address than the server's. */
  fromElsewhere: number;
  /** Neither STUN nor ChannelData, or broken. */
  malformed: number;
  /** ChannelData with a number that was never bound. */
  unboundChannel: number;
  /** Data from an address without permission. */
  unpermitted: number;
  /** Data of ours to a peer that the server refused, or while there is no allocation. */
  unsent: number;
}
