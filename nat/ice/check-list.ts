// The pairs of one session, in the order in which they are checked (RFC 8445 §6.1.2).
import { type Endpoint, formatEndpoint, isSameEndpoint } from '../../core/index.ts';
import { byPriority, CandidatePair } from './candidate-pair.ts';
import { canReach } from './destination.ts';
import type { BaseId, Candidate, ComponentId, IceRole, LocalCandidate } from './types.ts';

/** RFC 8445 §6.1.2.5: so many pairs at most, whatever a peer names. */
export const MAX_PAIRS = 100;

/**
 * Pairs of one base with peer-reflexive addresses of one host that proved nothing: the oldest goes for one more. Behind a
 * NAT with a port for each destination, a peer is seen at a new port with each check that we answer by one.
 */
export const MAX_LEARNED_PAIRS = 8;

/** All components of one data stream. */
export class CheckList {
  /** The best first. */
  #pairs: CandidatePair[] = [];
  readonly #byPath = new Map<string, CandidatePair>();
  #role: IceRole;

  constructor(role: IceRole) {
    this.#role = role;
  }

  get pairs(): readonly CandidatePair[] {
    return this.#pairs;
  }

  ofComponent(component: ComponentId): readonly CandidatePair[] {
    return this.#pairs.filter((pair) => pair.component === component);
  }

  find(base: BaseId, remote: Endpoint): CandidatePair | undefined {
    return this.#byPath.get(keyOf(base, remote));
  }

  /**
   * Forms a pair where there is none of that base and address yet.
   *
   * @returns the pair; undefined where packets could not pass, or where the list is full of better ones
   */
  add(local: LocalCandidate, remote: Candidate): CandidatePair | undefined {
    const known = this.find(local.base, remote.endpoint);
    if (known || !canReach(local, remote)) return known;
    if (remote.type === 'peerReflexive') this.#forgetLearned(local.base, remote.endpoint.address);
    const pair = new CandidatePair(this.#role, local, remote);
    if (this.#pairs.length >= MAX_PAIRS && !this.#makeRoomFor(pair)) return undefined;
    this.#pairs.push(pair);
    this.#byPath.set(keyOf(pair.base, pair.destination), pair);
    this.#sort();
    return pair;
  }

  /** The candidate of that address is known better now. */
  updateRemote(remote: Candidate): void {
    for (const pair of this.#pairs) {
      if (pair.component !== remote.component || !isSameEndpoint(pair.destination, remote.endpoint)) continue;
      pair.remote = remote;
      pair.updatePriority(this.#role);
    }
    this.#sort();
  }

  /** Nothing more is sent or taken there. */
  revoke(base: BaseId): void {
    for (const pair of this.#pairs) if (pair.base === base) pair.revoke();
  }

  /** RFC 8445 §7.3.1.1: the priorities depend on who controls. */
  setRole(role: IceRole): void {
    this.#role = role;
    for (const pair of this.#pairs) pair.updatePriority(role);
    this.#sort();
  }

  /**
   * The next pair that nobody asked for by a check of its own (RFC 8445 §6.1.4.2): of those that wait the best, or else
   * the best frozen one of whose foundation none is under way.
   */
  nextToCheck(isWanted: (pair: CandidatePair) => boolean): CandidatePair | undefined {
    const wanted = this.#pairs.filter((pair) => isToBeChecked(pair) && isWanted(pair));
    return wanted.find((pair) => pair.state === 'waiting') ?? wanted.find((pair) => !this.#isHeldUp(pair));
  }

  /** RFC 8445 §7.2.5.3.3: where one pair worked, those of its foundation need not wait any more. */
  unfreeze(foundation: string): void {
    for (const pair of this.#pairs) {
      if (pair.state === 'frozen' && pair.foundation === foundation) pair.state = 'waiting';
    }
  }

  /** How many checks are ahead or under way: RFC 8445 §14.3 spreads retransmissions by it. */
  get busyPairs(): number {
    return this.#pairs.filter(({ state }) => state === 'waiting' || state === 'inProgress').length;
  }

  #isHeldUp({ foundation }: CandidatePair): boolean {
    return this.#pairs.some(
      (other) =>
        other.foundation === foundation && (other.state === 'waiting' || other.state === 'inProgress'),
    );
  }

  /** Gives up the worst pair that proved nothing, or whose base is gone. @returns whether it is worse than the new one */
  #makeRoomFor(pair: CandidatePair): boolean {
    const failed = this.#pairs.findLast(
      ({ state, isValid, isRevoked }) => isRevoked || (state === 'failed' && !isValid),
    );
    const worst = failed ?? this.#pairs.findLast(({ isValid }) => !isValid);
    if (!worst || (!failed && byPriority(pair, worst) >= 0)) return false;
    this.#remove(worst);
    return true;
  }

  #forgetLearned(base: BaseId, address: string): void {
    const learned = [...this.#byPath.values()].filter(
      (pair) =>
        !pair.isValid &&
        pair.remote.type === 'peerReflexive' &&
        pair.base === base &&
        pair.destination.address === address,
    );
    const [oldest] = learned;
    if (oldest && learned.length >= MAX_LEARNED_PAIRS) this.#remove(oldest);
  }

  #remove(pair: CandidatePair): void {
    this.#pairs.splice(this.#pairs.indexOf(pair), 1);
    this.#byPath.delete(keyOf(pair.base, pair.destination));
  }

  #sort(): void {
    this.#pairs.sort(byPriority);
  }
}

function isToBeChecked({ state, isRevoked }: CandidatePair): boolean {
  return !isRevoked && (state === 'waiting' || state === 'frozen');
}

function keyOf(base: BaseId, remote: Endpoint): string {
  return `${base} ${formatEndpoint(remote)}`;
}
