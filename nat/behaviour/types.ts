// What is found out about a NAT, in the words of RFC 4787.
import type { Endpoint } from '../../core/index.ts';

/** RFC 4787 §4.1 and §5: what of the remote endpoint a mapping, or a filter, looks at. */
export type NatBehaviour = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent';

/** Why something is not known. */
export type BehaviourDoubt =
  /** No server answered. */
  | 'no-answer'
  /** The servers that answered have one address between them. */
  | 'one-address'
  /** No server answered at two ports of one address. */
  | 'one-port'
  /** The server does not answer from where it says that it does. */
  | 'server-unable'
  /** There is no NAT whose property this would be. */
  | 'no-nat'
  /** A mapping to ourselves cannot be known where it differs by remote. */
  | 'mapping-varies'
  /** It takes long, and nobody asked for it. */
  | 'not-measured';

/** How long a mapping lives without traffic (RFC 4787 §4.3): still there after the first, gone after the second. */
export interface MappingLifetime {
  readonly aliveMs: number;
  /** Null where it outlived the whole measurement. */
  readonly goneMs: number | null;
}

/** What each `null` means stands in `doubts`. */
export interface BehaviourReport {
  /** Where we sent from, and how the first server that answered sees it. */
  readonly local: Endpoint | null;
  readonly mapped: Endpoint | null;
  /** Of the servers that were given, those that answered. */
  readonly servers: readonly Endpoint[];
  readonly roundTripMs: number | null;
  /** False also for a host with a firewall and no NAT: its filtering tells. */
  readonly isBehindNat: boolean | null;
  readonly mapping: NatBehaviour | null;
  /**
   * Whether all who were asked see us under one endpoint: less than {@link mapping}, and known with less. Null where one
   * alone was asked.
   */
  readonly isMappingStable: boolean | null;
  readonly filtering: NatBehaviour | null;
  /**
   * Whether other ports are kept out of a host that we have sent to: less than {@link filtering}, and known with a server
   * that has one address. Null where no other port tried.
   */
  readonly isFilteredByPort: boolean | null;
  /** Whether a host inside reaches another by its mapped endpoint (RFC 4787 §6). */
  readonly hairpinning: boolean | null;
  /** Whether the mapped port is the local one (RFC 4787 §4.2.1). */
  readonly portPreservation: boolean | null;
  readonly lifetime: MappingLifetime | null;
  readonly doubts: Readonly<Partial<Record<DoubtfulProperty, BehaviourDoubt>>>;
}

export type DoubtfulProperty = 'mapping' | 'filtering' | 'hairpinning' | 'portPreservation' | 'lifetime';
