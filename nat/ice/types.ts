// What ICE speaks of (RFC 8445): candidates, credentials, descriptions, and what an agent tells its owner.
import type { Endpoint, Random } from '../../core/index.ts';

export type CandidateType = 'host' | 'serverReflexive' | 'peerReflexive' | 'relayed';

/** Which part of a data stream: 1 is RTP (and RTCP, where it shares the port), 2 is RTCP of its own (RFC 8445 §4). */
export type ComponentId = 1 | 2;

/** One transport address at which an agent may be reached (RFC 8839 §5.1). */
export interface Candidate {
  /** Equal for candidates of one type, base and server (RFC 8445 §5.1.1.3): 1 to 32 ice-chars. */
  readonly foundation: string;
  readonly component: ComponentId;
  /** 1 to 2^31 - 1 (RFC 8445 §5.1.2). */
  readonly priority: number;
  /** Numeric address. */
  readonly endpoint: Endpoint;
  readonly type: CandidateType;
  /** For diagnosis only: the base of a reflexive candidate, the mapped address of a relayed one. */
  readonly related?: Endpoint;
}

/** RFC 8839 §5.4: `ice-ufrag` of 4 to 256 and `ice-pwd` of 22 to 256 ice-chars. */
export interface IceCredentials {
  readonly ufrag: string;
  readonly password: string;
}

/** What one agent tells the other: in SDP, or by whatever else carries it. */
export interface IceDescription {
  readonly credentials: IceCredentials;
  readonly candidates: readonly Candidate[];
  /** RFC 8445 §2.5: it only answers checks. False where not given. */
  readonly isLite?: boolean;
  /** More candidates may follow (RFC 8838); false where not given. */
  readonly isTrickling?: boolean;
}

/** RFC 8445 §6.1.1: who initiated the session controls, but where the other is lite. */
export type IceRole = 'controlling' | 'controlled';

/**
 * What packets of ours leave through: a UDP socket, or the allocation of a TURN server on one. Numbered by the owner of
 * the agent, who sends and receives on it.
 */
export type BaseId = number;

/** A candidate of ours, and what sends for it. */
export interface LocalCandidate {
  readonly candidate: Candidate;
  readonly base: BaseId;
  /** Of a relayed one: the address at which we reach the machine that relays. */
  readonly relay?: string;
}

/** A way that was proven to work: what to send through, and where to. */
export interface SelectedPath {
  readonly component: ComponentId;
  readonly base: BaseId;
  /** Our candidate of the valid pair: how the peer sees us. */
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly localType: CandidateType;
  readonly remoteType: CandidateType;
  /** Of the check that proved it. */
  readonly roundTripMs: number | null;
}

/**
 * `new` nothing is known of the peer; `checking`; `connected` every component has a path; `disconnected` the path in
 * use does not answer, and another is looked for; `failed` there is none.
 */
export type IceState = 'new' | 'checking' | 'connected' | 'disconnected' | 'failed';

export type IceEvent =
  | { readonly type: 'state'; readonly state: IceState }
  /** A path was chosen, or takes the place of the one before. */
  | { readonly type: 'selected'; readonly path: SelectedPath }
  /** RFC 7675 §5.1: the peer's consent is gone, no more data may go there. */
  | { readonly type: 'consentExpired'; readonly path: SelectedPath }
  /** RFC 8445 §7.3.1.1: our role was the peer's too, and was given up. */
  | { readonly type: 'role'; readonly role: IceRole };

/** A datagram that the owner of the agent sends through one of its bases. */
export interface IceDatagram {
  readonly base: BaseId;
  readonly bytes: Uint8Array;
  readonly remote: Endpoint;
}

export interface IceAgentOptions {
  readonly random: Random;
  readonly role: IceRole;
  /** How many components the stream has. */
  readonly components: 1 | 2;
  /** Drawn from `random` where not given. */
  readonly credentials?: IceCredentials;
}
