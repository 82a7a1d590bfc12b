// What the core of the TURN server and the shell around it have in common.
import type { DatagramHandler, Endpoint, Random, UdpSocket } from '../../../core/index.ts';
import type { TurnTransport } from '../types.ts';
import type { Allocation, ChannelBinding } from './allocation.ts';
import type { TurnPolicyOptions } from './options.ts';
import type { Relay } from './relay.ts';

/** A client as a five-tuple (RFC 8656 §3): equal keys are one and the same. */
export interface TurnClient {
  /** Of transport, local and remote. */
  readonly key: string;
  readonly transport: TurnTransport;
  /** Where it is seen. */
  readonly remote: Endpoint;
  /** To which it came, over UDP. */
  readonly port?: UdpClientPort;
  /**
   * Sends a copy of a whole message, padded where the transport needs it.
   *
   * @returns false where it was dropped, because the client takes its data too slowly
   */
  send(bytes: Uint8Array): boolean;
  /** The client has an allocation now, until {@link TurnClient.handleFreed}. */
  handleAllocated?(allocation: Allocation): void;
  handleFreed?(): void;
}

/** What a relay sends through. A faster one is told of channels, so that it can relay by itself. */
export interface RelaySocket extends Pick<UdpSocket, 'send' | 'close'> {
  handleChannelBound?(channel: ChannelBinding): void;
  handleChannelFreed?(channel: ChannelBinding): void;
}

/** All clients over UDP that come to one port. */
export interface UdpClientPort {
  readonly local: Endpoint;
  /** Clients that have an allocation. */
  readonly size: number;
  /** Sends a copy, to whomever. */
  send(bytes: Uint8Array, remote: Endpoint): void;
  close(): void;
}

/** UDP as the server uses it: over the network of a runtime, or faster. What fails rejects with the system's `code`. */
export interface TurnSockets {
  openClientPort(
    endpoint: Endpoint,
    onMessage: (client: TurnClient, bytes: Uint8Array) => void,
  ): Promise<UdpClientPort>;
  /** Fails by throwing where it does not promise. */
  openRelay(relay: Relay, onDatagram: DatagramHandler): RelaySocket | Promise<RelaySocket>;
}

/** Where relays are. */
export interface RelayAddress {
  /** Numeric; what sockets are bound to. */
  readonly local: string;
  /** Numeric; how it is reached from outside. */
  readonly advertised: string;
}

export interface TurnCoreOptions extends TurnPolicyOptions {
  readonly random: Random;
  /** Milliseconds since 1970 at a moment of the monotonic clock: time-limited credentials end by it. */
  readonly wallClockAt: (now: number) => number;
  /** One of each family at most. */
  readonly relayAddresses: readonly RelayAddress[];
  /** Addresses of this machine, where nobody may be a peer but on the relay addresses. */
  readonly ownAddresses: readonly string[];
}

export type FreedReason = 'expired' | 'deleted' | 'disconnected' | 'closed';

export type TurnServerEvent =
  /** Bind `relay.local`, then say `handleBound()` or `handleBindFailed()`. */
  | { readonly type: 'bind'; readonly relay: Relay }
  | { readonly type: 'allocated'; readonly allocation: Allocation }
  | { readonly type: 'freed'; readonly allocation: Allocation; readonly reason: FreedReason };
