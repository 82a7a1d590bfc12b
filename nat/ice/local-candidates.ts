// Our own candidates, by what sends for them.
import { type Endpoint, isSameEndpoint } from '../../core/index.ts';
import type { BaseId, CandidateType, LocalCandidate } from './types.ts';

/** More are not taken: a host with more addresses than that has named the best of them by then. */
export const MAX_LOCAL_CANDIDATES = 64;

/** Kept over restarts: the sockets are the same. */
export class LocalCandidates {
  #all: LocalCandidate[] = [];
  readonly #bases = new Map<BaseId, LocalCandidate>();
  isEnded = false;

  /**
   * The candidate by which each base stands in pairs. RFC 8445 §6.1.2.4: a reflexive one sends from its base, so its
   * pairs would be the same pairs.
   */
  get bases(): Iterable<LocalCandidate> {
    return this.#bases.values();
  }

  /** @returns whether it is new, and stands for its base */
  add(local: LocalCandidate): boolean {
    if (this.#all.length >= MAX_LOCAL_CANDIDATES || this.#find(local.base, local.candidate.endpoint))
      return false;
    this.#all.push(local);
    if (this.#bases.has(local.base)) return false;
    this.#bases.set(local.base, local);
    return true;
  }

  /** The socket or the allocation is gone. */
  removeBase(base: BaseId): void {
    this.#all = this.#all.filter((local) => local.base !== base);
    this.#bases.delete(base);
  }

  base(base: BaseId): LocalCandidate | undefined {
    return this.#bases.get(base);
  }

  /** What kind of candidate of ours the peer saw, by the address from which it saw us (RFC 8445 §7.2.5.3.1). */
  typeOf(base: BaseId, mapped: Endpoint): CandidateType {
    if (this.#bases.get(base)?.candidate.type === 'relayed') return 'relayed';
    return this.#find(base, mapped)?.candidate.type ?? 'peerReflexive';
  }

  #find(base: BaseId, endpoint: Endpoint): LocalCandidate | undefined {
    return this.#all.find(
      (local) => local.base === base && isSameEndpoint(local.candidate.endpoint, endpoint),
    );
  }
}
