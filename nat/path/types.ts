// A path between two hosts as its user sees it: sockets, candidates and checks are behind it.
import type { Endpoint, Runtime, UdpSocket } from '../../core/index.ts';
import type {
  Candidate,
  ComponentId,
  IceDescription,
  IceRole,
  IceState,
  SelectedPath,
} from '../ice/types.ts';
import type { TurnService } from '../turn/types.ts';

export interface IcePathOptions {
  /** Addresses of our interfaces to bind to, the preferred first; those of `Network.localAddresses()` where not given. */
  readonly addresses?: readonly string[];
  /** Binds the socket of one of them, which is then the path's to close; any free port where not given. */
  readonly bindUdp?: (address: string) => Promise<UdpSocket>;
  readonly role: IceRole;
  readonly components: 1 | 2;
  /** Where our addresses outside of a NAT are asked for; none where not given. Names are resolved. */
  readonly stunServers?: readonly { readonly host: string; readonly port: number }[];
  readonly turnServers?: readonly TurnService[];
  /** Certificates that are trusted for TURN over TLS, beside those of the system's authorities, as PEM. */
  readonly authorities?: readonly string[];
  /** Only paths through a relay (hides our addresses). Default false. */
  readonly isRelayOnly?: boolean;
  /**
   * Gathering is over after so long, whoever has not answered; after twice as long where a TURN server has begun to.
   * Default {@link GATHER_LIMIT_MS}.
   */
  readonly gatherLimitMs?: number;
  /** A relay that the path in use does not need is kept, for when that path dies. Default true. */
  readonly keepsSpareRelay?: boolean;
}

/** Nobody waits longer for a phone that begins to ring. */
export const GATHER_LIMIT_MS = 500;

/**
 * Owns the sockets, the agent and the allocations of one data stream; whoever opened it closes it.
 *
 * Before a path is selected, and where the peer knows no ICE, data goes where {@link IcePath.send} is told to.
 */
export interface IcePath {
  readonly state: IceState;
  /** Ours as far as gathered: credentials, candidates. */
  readonly local: IceDescription;
  /**
   * Where the peer reaches us without ICE, for `c=` and `m=`: relayed before reflexive before host (RFC 8445 §5.1.4);
   * port 9 of no address where only relays may be used and there is none. Who calls through a server that mends what NATs
   * change names his host candidate instead, and does not ask here: what is sent to a fallback leaves through the base
   * that was told last, so that it comes from where the peer was told.
   */
  defaultCandidate(component: ComponentId): Endpoint;
  /** Resolves when all candidates are gathered, or after the limit; after {@link restart} a new one. Never rejects. */
  readonly gathered: Promise<void>;
  /** URIs of STUN and TURN servers that were asked, as far as was needed, and have said nothing. */
  readonly silentServers: readonly string[];
  /** Undefined while none is, and again when it was given up: `disconnected` without another, or `failed`. */
  selected(component: ComponentId): SelectedPath | undefined;
  /**
   * What the peer described; called again it adds candidates, or begins anew where the credentials changed: with
   * another peer, or after {@link IcePath.restart} with the same one.
   */
  setRemote(description: IceDescription): void;
  /** The peer is another one from now on, of which nothing is known yet: no path leads to the one before. */
  forgetRemote(): void;
  /**
   * Ours anew, with new credentials (RFC 8445 §9), for the next offer or answer; candidates are gathered anew too. The old
   * path goes on until a new one is found.
   *
   * @param addresses - of our interfaces now: others are bound, and what hangs on one that is gone is
   *   closed, the path in use too; where
   *   neither they nor {@link IcePathOptions.addresses} are given, they are read anew
   */
  restart(addresses?: readonly string[]): void;
  /** The peer was heard a moment ago and is not any more: look at once whether the path still lives. */
  probe(): void;
  /** Sends a copy on the selected path, or else to `fallback`; drops it where there is neither, or consent is gone. */
  send(component: ComponentId, bytes: Uint8Array, fallback: Endpoint | undefined): void;
  /** Data, never STUN. `bytes` may be reused after the call. `isProven`: it came on a pair that passed a check. */
  onData:
    | ((component: ComponentId, bytes: Uint8Array, source: Endpoint, isProven: boolean) => void)
    | undefined;
  onSelected: ((path: SelectedPath) => void) | undefined;
  onState: ((state: IceState) => void) | undefined;
  /** A candidate of ours that was found from now on (RFC 8838), those after {@link gathered} too. */
  onCandidate: ((candidate: Candidate) => void) | undefined;
  readonly counters: Readonly<PathCounters>;
  /** Sends and receives nothing any more; allocations are given back within a second. */
  close(): void;
  /** Resolves when nothing of the path is open any more. Never rejects. */
  readonly closed: Promise<void>;
}

/** What was dropped. */
export interface PathCounters {
  /** Data without a path or fallback to go to. */
  unsent: number;
  /** STUN that nobody here waits for, and what is no protocol of a shared port (RFC 7983 §7). */
  unexpected: number;
}

/** Binds the sockets and begins to gather. @throws whatever `bindUdp` throws for the preferred address */
export type OpenIcePath = (runtime: Runtime, options: IcePathOptions) => Promise<IcePath>;
