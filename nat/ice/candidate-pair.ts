// One way that may work: a base of ours and an address of the peer's (RFC 8445 §6.1.2).
import type { Endpoint } from '../../core/index.ts';
import { pairPriority } from './priority.ts';
import type {
  BaseId,
  Candidate,
  CandidateType,
  ComponentId,
  IceRole,
  LocalCandidate,
  SelectedPath,
} from './types.ts';

/** A pair that died must answer for so long before it is preferred to one that did not. */
const TRUST_AFTER_MS = 10_000;

/**
 * RFC 8445 §6.1.2.6:
 *
 * ```
 *  frozen --> waiting --> inProgress --> succeeded
 *                ^             |
 *                |             +-------> failed
 *                +-- a check of the peer's comes in (triggered check)
 * ```
 */
export type PairState = 'frozen' | 'waiting' | 'inProgress' | 'succeeded' | 'failed';

/**
 * A pair of the check list and, once a check of ours was answered, of the valid list as well: what is sent through and
 * where to is the same, whatever address the peer sees us at (RFC 8445 §7.2.5.3.2 has two pairs there).
 */
export class CandidatePair {
  readonly local: LocalCandidate;
  /** A peer-reflexive one is replaced when signaling tells what it is. */
  remote: Candidate;
  state: PairState = 'frozen';
  priority: bigint;
  /** A check of ours was answered: data may go there. */
  isValid = false;
  /** A check of the peer's came, as it may before ours is answered. */
  isHeard = false;
  validSince: number | undefined;
  /** Valid, and has not died as the selected one since, or proved itself anew. */
  isTrusted = false;
  /** RFC 7675 §5.1: consent expired; or what sends for it is gone. */
  isRevoked = false;
  /** The controlling peer wants it, and our own check was not answered yet (RFC 8445 §7.3.1.5). */
  isNominatedOnSuccess = false;
  /** How the peer sees us on it (RFC 8445 §7.2.5.3.1); as we see ourselves until it answered. */
  mapped: Endpoint;
  localType: CandidateType;
  /** Of the last answer that leaves no doubt which request it is for. */
  roundTripMs: number | null = null;
  firstCheckedAt: number | undefined;
  lastCheckedAt: number | undefined;
  answeredAt: number | undefined;
  #revivedAt: number | undefined;

  constructor(role: IceRole, local: LocalCandidate, remote: Candidate) {
    this.local = local;
    this.remote = remote;
    this.mapped = local.candidate.endpoint;
    this.localType = local.candidate.type;
    this.priority = pairPriority(role, local.candidate, remote);
  }

  get component(): ComponentId {
    return this.local.candidate.component;
  }

  get base(): BaseId {
    return this.local.base;
  }

  get destination(): Endpoint {
    return this.remote.endpoint;
  }

  /** RFC 8445 §6.1.2.6: pairs of one foundation live and die together. */
  get foundation(): string {
    return `${this.local.candidate.foundation}:${this.remote.foundation}`;
  }

  get isRelayed(): boolean {
    return this.local.candidate.type === 'relayed' || this.remote.type === 'relayed';
  }

  /** Data that comes from there is the peer's. */
  get isProven(): boolean {
    return (this.isValid || this.isHeard) && !this.isRevoked;
  }

  /** A check was answered. */
  handleSuccess(now: number): void {
    this.state = 'succeeded';
    if (!this.isValid) this.isTrusted = true;
    this.isValid = true;
    this.validSince ??= now;
    this.answeredAt = now;
    this.#revivedAt ??= now;
    if (now - this.#revivedAt >= TRUST_AFTER_MS) this.isTrusted = true;
  }

  /** It died while it carried the data: it is not to be gone back to before it lived on for a while. */
  distrust(): void {
    this.isTrusted = false;
    this.#revivedAt = undefined;
  }

  /** Nothing is to be sent or taken there any more in this session. */
  revoke(): void {
    this.isRevoked = true;
    this.state = 'failed';
    this.distrust();
  }

  /** Recomputes what depends on who controls. */
  updatePriority(role: IceRole): void {
    this.priority = pairPriority(role, this.local.candidate, this.remote);
  }

  toPath(): SelectedPath {
    return {
      component: this.component,
      base: this.base,
      local: this.mapped,
      remote: this.destination,
      localType: this.localType,
      remoteType: this.remote.type,
      roundTripMs: this.roundTripMs,
    };
  }
}

/** The better first. */
export function byPriority(a: CandidatePair, b: CandidatePair): number {
  return a.priority > b.priority ? -1 : a.priority < b.priority ? 1 : 0;
}
