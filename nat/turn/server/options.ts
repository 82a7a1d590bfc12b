// What a TURN server is told when it starts (RFC 8656).
import type { Endpoint } from '../../../core/index.ts';
import type { AlternateEndpoints } from '../../behaviour/alternates.ts';

/** Passwords that the server knows, or can tell from a secret. At least one of the two is needed to relay anything. */
export interface TurnCredentialOptions {
  /**
   * Secret of time-limited credentials: the username is `expiry` or `expiry:user`, in seconds since 1970, the password
   * base64(HMAC-SHA1(secret, username)). See `timeLimitedCredentials()`.
   */
  readonly sharedSecret?: string;
  /** Passwords by username, for as long as the server runs. */
  readonly users?: Readonly<Record<string, string>>;
}

/** The ends of a range of ports, both in it. */
export interface RelayPortRange {
  readonly first: number;
  readonly last: number;
}

export interface TurnQuotas {
  /** Allocations of one user at a time, whatever `expiry` his usernames have. Default {@link DEFAULT_QUOTAS}. */
  readonly perUser?: number;
  /** Allocations in total at a time. Default {@link DEFAULT_QUOTAS}. */
  readonly total?: number;
}

/** Where the server listens: `0.0.0.0` and `::` mean every interface. Port 0 asks for any. */
export interface TurnListen {
  readonly udp?: readonly Endpoint[];
  readonly tcp?: readonly Endpoint[];
  readonly tls?: readonly Endpoint[];
}

/** Certificate chain and key of TLS, as PEM. */
export interface TurnCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** What the protocol itself needs; {@link TurnServerOptions} has more. */
export interface TurnPolicyOptions {
  /** Short: it is in every answer to a stranger (RFC 8656 §21.1.6). Default {@link DEFAULT_REALM}. */
  readonly realm?: string;
  readonly credentials: TurnCredentialOptions;
  /** Default {@link DEFAULT_RELAY_PORTS}. */
  readonly relayPorts?: RelayPortRange;
  readonly quotas?: TurnQuotas;
  /** Of one allocation in each direction, payload alone. No limit where not given. */
  readonly maxBytesPerSecond?: number;
  /**
   * Peers that are allowed though they are private, of this machine, or else refused by default: prefixes such as
   * `10.0.0.0/8` or `2001:db8::/32`, or addresses.
   */
  readonly allowPeers?: readonly string[];
  /** Peers that are refused, before anything else is looked at. */
  readonly denyPeers?: readonly string[];
}

export interface TurnServerOptions extends TurnPolicyOptions {
  readonly listen: TurnListen;
  /**
   * Two addresses and two ports on each, all four in `listen.udp`: clients find out by them what their NAT does
   * (RFC 5780). Addresses as clients see them, so none where a NAT is in front of the server. No address in two of them.
   */
  readonly alternates?: readonly AlternateEndpoints[];
  /** Needed where `listen.tls` is given. */
  readonly tls?: TurnCertificate;
  /**
   * Local addresses that relays are bound to, at most one of each family. Where not given: the addresses that are
   * listened on, or, where these are wildcards, those from which packets to the internet leave.
   */
  readonly relayAddresses?: readonly string[];
  /**
   * Addresses under which relays are reached from outside, where a NAT translates one to one: at most one of each
   * family. Equal to the relay addresses where not given.
   */
  readonly advertisedAddresses?: readonly string[];
}

export const DEFAULT_REALM = 'turn';
/** RFC 8656 §7.2. */
export const DEFAULT_RELAY_PORTS: RelayPortRange = { first: 49_152, last: 65_535 };
export const DEFAULT_QUOTAS = { perUser: 64, total: 4096 } as const;
