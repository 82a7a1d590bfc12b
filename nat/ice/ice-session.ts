// One ICE session: all that happens between one exchange of credentials and the next (RFC 8445 §4, §9).
import { type Endpoint, invariant, isSameEndpoint, type Random } from '../../core/index.ts';
import type { StunMessage } from '../stun/index.ts';
import type { CandidatePair } from './candidate-pair.ts';
import type { CheckBudget } from './check-budget.ts';
import { CheckList } from './check-list.ts';
import {
  encodeCheckSuccess,
  encodeRoleConflict,
  encodeUnknownAttributes,
  type IncomingCheck,
} from './check-message.ts';
import { CheckSchedule, PACING_MS } from './check-schedule.ts';
import { type Arrival, Checker, type CheckOutcome } from './checker.ts';
import { ComponentPath } from './component-path.ts';
import type { IceCounters } from './counters.ts';
import type { LocalCandidates } from './local-candidates.ts';
import { choosePair } from './nomination.ts';
import { RemoteCandidates } from './remote-candidates.ts';
import type { RoleHolder } from './role.ts';
import type {
  BaseId,
  Candidate,
  ComponentId,
  IceCredentials,
  IceDatagram,
  IceEvent,
  IceState,
  LocalCandidate,
} from './types.ts';

/** What the sessions of an agent share. */
export interface SessionContext {
  readonly random: Random;
  readonly components: 1 | 2;
  readonly locals: LocalCandidates;
  readonly role: RoleHolder;
  readonly budget: CheckBudget;
  readonly counters: IceCounters;
  /** Filled by the sessions, emptied by the owner. */
  readonly datagrams: IceDatagram[];
  readonly events: IceEvent[];
  /** Whether no more candidates are to come, of either side. */
  isComplete(): boolean;
  switchRole(): void;
}

/** RFC 8863 §4: so long even a list of failed pairs may be saved by a check of the peer's. */
const PATIENCE_MS = 39_500;
/** Candidates were promised and did not come (RFC 8838): nobody waits for them for ever. */
const LONGER_PATIENCE_MS = 60_000;
/** RFC 8445 §14.3. */
const LEAST_RTO_MS = 500;
/** Departs from RFC 8445 §14.3, which allows for that: its formula grows with the square of the list. */
const LONGEST_RTO_MS = 3_000;
/** On a path whose round trip is known. */
const LEAST_KNOWN_RTO_MS = 100;
/** Checks that came before the peer's description are kept, so many. */
const MAX_EARLY_CHECKS = 16;

interface EarlyCheck {
  readonly check: IncomingCheck;
  readonly arrival: Arrival;
}

export class IceSession {
  readonly local: IceCredentials;
  readonly #context: SessionContext;
  readonly #list: CheckList;
  readonly #paths: readonly ComponentPath[];
  readonly #schedule: CheckSchedule;
  readonly #remotes = new RemoteCandidates();
  #early: EarlyCheck[] = [];
  #remote: IceCredentials | undefined;
  #checker: Checker | undefined;
  #startedAt: number | undefined;
  #nominateAt: number | undefined;
  #hasFailed = false;

  constructor(local: IceCredentials, context: SessionContext) {
    this.local = local;
    this.#context = context;
    this.#list = new CheckList(context.role.role);
    const components: readonly ComponentId[] = context.components === 2 ? [1, 2] : [1];
    this.#paths = components.map((component) => new ComponentPath(component, context.random));
    this.#schedule = new CheckSchedule({
      list: this.#list,
      isWanted: (pair) => this.#pathOf(pair).wants(pair, this.#list.ofComponent(pair.component)),
      rescuers: () => this.#paths.flatMap((path) => path.rescuers(this.#list.ofComponent(path.component))),
    });
  }

  get remote(): IceCredentials | undefined {
    return this.#remote;
  }

  get state(): IceState {
    if (this.#paths.every(({ selected }) => selected)) {
      return this.#paths.some(({ isDead }) => isDead) ? 'disconnected' : 'connected';
    }
    if (this.#hasFailed || this.#paths.some(({ isExpired }) => isExpired)) return 'failed';
    return this.#remote ? 'checking' : 'new';
  }

  selected(component: ComponentId): CandidatePair | undefined {
    return this.#paths.find((path) => path.component === component)?.selected;
  }

  /** Whether a check of ours was answered from there. */
  isProven(base: BaseId, remote: Endpoint): boolean {
    return this.#list.pairs.some(
      (pair) =>
        pair.isValid && !pair.isRevoked && pair.base === base && isSameEndpoint(pair.destination, remote),
    );
  }

  /** The peer is known: checks begin. */
  setRemote(now: number, remote: IceCredentials): void {
    this.#remote = remote;
    this.#checker = new Checker({ ...this.#context, local: this.local, remote });
    this.#startedAt = now;
    const early = this.#early;
    this.#early = [];
    for (const { check, arrival } of early) this.#learn(now, check, arrival);
    this.#advance(now);
  }

  addLocal(now: number, local: LocalCandidate): void {
    for (const remote of this.#remotes.all) this.#list.add(local, remote);
    this.#advance(now);
  }

  addRemote(now: number, candidate: Candidate): void {
    const verdict = this.#remotes.add(candidate);
    if (verdict === 'ignored') this.#context.counters.candidatesIgnored += 1;
    if (verdict !== 'new') return;
    for (const local of this.#context.locals.bases) {
      // RFC 8838 §11.4: what a check told of as peer-reflexive is what signaling says it is.
      const isKnown = this.#list.find(local.base, candidate.endpoint) !== undefined;
      if (isKnown && local.candidate.component === candidate.component) this.#list.updateRemote(candidate);
      else this.#list.add(local, candidate);
    }
    this.#advance(now);
  }

  /** A check of the peer's, proven (RFC 8445 §7.3). */
  handleCheck(now: number, check: IncomingCheck, arrival: Arrival): void {
    if (check.unknownAttributes.length > 0)
      return this.#send(arrival, encodeUnknownAttributes(check, this.local));
    const verdict = this.#context.role.judge(check);
    if (verdict !== 'none') this.#context.counters.roleConflicts += 1;
    if (verdict === 'refuse') return this.#send(arrival, encodeRoleConflict(check, this.local));
    if (verdict === 'switch') this.#context.switchRole();
    this.#context.counters.checksReceived += 1;
    this.#send(arrival, encodeCheckSuccess(check, this.local, arrival.remote));
    if (this.#remote) this.#learn(now, check, arrival);
    else if (this.#early.length < MAX_EARLY_CHECKS) this.#early.push({ check, arrival });
    this.#advance(now);
  }

  expects(message: StunMessage): boolean {
    return this.#checker?.expects(message) ?? false;
  }

  handleAnswer(now: number, answer: StunMessage, arrival: Arrival): void {
    const outcome = this.#checker?.handleAnswer(now, answer, arrival);
    if (outcome && this.#isListed(outcome.check.pair)) this.#conclude(now, outcome);
    this.#advance(now);
  }

  handleRoleChange(): void {
    this.#list.setRole(this.#context.role.role);
  }

  probe(now: number): void {
    for (const { watch } of this.#paths) watch?.probe(now);
    this.handleTimeout(now);
  }

  nextTimeoutAt(): number | undefined {
    if (!this.#checker) return undefined;
    const at = [
      this.#schedule.nextAt(),
      this.#checker.nextTimeoutAt(),
      this.#nominateAt,
      this.#failureAt(),
      ...this.#paths.flatMap(({ watch, spareAt }) => [watch?.nextAt, spareAt]),
    ].filter((moment) => moment !== undefined);
    return at.length > 0 ? Math.min(...at) : undefined;
  }

  handleTimeout(now: number): void {
    for (const { pair, rtoMs } of this.#checker?.handleTimeout(now) ?? []) {
      if (rtoMs !== undefined && this.#isListed(pair)) this.#fail(pair);
    }
    for (const path of this.#paths) this.#watch(now, path);
    const failureAt = this.#failureAt();
    if (failureAt !== undefined && failureAt <= now) this.#hasFailed = true;
    this.#advance(now);
  }

  // --- Checks of the peer's ---

  /** RFC 8445 §7.3.1.3 to §7.3.1.5. */
  #learn(now: number, check: IncomingCheck, arrival: Arrival): void {
    const known = this.#list.find(arrival.base, arrival.remote);
    const pair = known ?? this.#addLearned(check, arrival);
    if (!pair || pair.isRevoked) return;
    const path = this.#pathOf(pair);
    // The peer sends from where it did not before: what was selected may have lost its mapping.
    if (!known) path.watch?.probe(now);
    const isNominated = check.isNominating && this.#context.role.role === 'controlled';
    if (isNominated && pair !== path.selected) this.#follow(now, path, pair);
    if (pair.state !== 'succeeded' || pair.isNominatedOnSuccess) this.#trigger(now, pair);
  }

  #addLearned(check: IncomingCheck, { base, remote }: Arrival): CandidatePair | undefined {
    const local = this.#context.locals.base(base);
    if (!local) return undefined;
    const { component } = local.candidate;
    return this.#list.add(
      local,
      this.#remotes.find(component, remote) ?? peerReflexive(check, component, remote),
    );
  }

  #trigger(now: number, pair: CandidatePair): void {
    if (pair.state === 'inProgress') this.#checker?.cancel(now, pair);
    if (!pair.isValid) pair.state = 'waiting';
    this.#schedule.trigger(pair);
  }

  /** RFC 8445 §7.3.1.5: at once, or when a check of our own was answered. */
  #follow(now: number, path: ComponentPath, pair: CandidatePair): void {
    if (!pair.isTrusted) pair.isNominatedOnSuccess = true;
    else if (path.follows(now, pair)) this.#select(now, path, pair);
  }

  // --- Answers ---

  #conclude(now: number, outcome: CheckOutcome): void {
    const { pair, role } = outcome.check;
    if (outcome.type === 'success') this.#succeed(now, outcome.check.isNominating, pair, outcome.mapped);
    else if (outcome.type === 'failure') this.#fail(pair);
    else {
      this.#context.counters.roleConflicts += 1;
      if (this.#context.role.yields(role)) this.#context.switchRole();
      this.#pathOf(pair).nominating = undefined;
      this.#trigger(now, pair);
    }
  }

  #succeed(now: number, isNominating: boolean, pair: CandidatePair, mapped: Endpoint): void {
    const path = this.#pathOf(pair);
    pair.mapped = mapped;
    pair.localType = this.#context.locals.typeOf(pair.base, mapped);
    pair.handleSuccess(now);
    this.#list.unfreeze(pair.foundation);
    if (pair.isRevoked) return;
    if (pair === path.selected) return path.watch?.handleAnswer(now, pair.roundTripMs);
    const isOurChoice = isNominating && pair === path.nominating;
    const isTheirChoice = pair.isNominatedOnSuccess && path.follows(now, pair);
    pair.isNominatedOnSuccess = false;
    // RFC 8445 §12.1.1 has both wait for the controlling agent; who hears nothing takes the first that answers.
    if (isOurChoice || isTheirChoice || path.isDead) this.#select(now, path, pair);
  }

  #fail(pair: CandidatePair): void {
    const path = this.#pathOf(pair);
    if (path.nominating === pair) path.nominating = undefined;
    if (pair === path.selected) return;
    pair.distrust();
    if (!pair.isValid) pair.state = 'failed';
  }

  // --- Selection ---

  #select(now: number, path: ComponentPath, pair: CandidatePair): void {
    const isRescue = path.isDead && path.nominating !== pair;
    path.select(now, pair);
    this.#context.events.push({ type: 'selected', path: pair.toPath() });
    this.#hasFailed = false;
    if (isRescue && this.#context.role.role === 'controlling') this.#startNominating(now, path, pair);
    const pairs = this.#list.ofComponent(path.component);
    for (const other of pairs) {
      if (other.state !== 'inProgress' || path.wants(other, pairs)) continue;
      this.#checker?.cancel(now, other);
      other.state = 'frozen';
    }
  }

  #nominate(now: number): void {
    this.#nominateAt = undefined;
    if (this.#context.role.role !== 'controlling') return;
    for (const path of this.#paths) {
      const pairs = this.#list.ofComponent(path.component);
      const choice = choosePair(now, pairs, path.nominating ?? path.selected);
      if (choice.type === 'nominate') this.#startNominating(now, path, choice.pair);
      if (choice.type === 'wait')
        this.#nominateAt = Math.min(choice.untilAt, this.#nominateAt ?? choice.untilAt);
    }
  }

  #startNominating(now: number, path: ComponentPath, pair: CandidatePair): void {
    if (pair !== path.selected) path.nominating = pair;
    this.#checker?.start(now, pair, { isNominating: true, rtoMs: knownRtoMs(pair) });
  }

  /** Consent, and what is kept warm beside it. */
  #watch(now: number, path: ComponentPath): void {
    const { selected, watch } = path;
    const isControlling = this.#context.role.role === 'controlling';
    if (selected && watch?.handleTimeout(now)) {
      this.#checker?.start(now, selected, { isNominating: isControlling });
    }
    if (watch?.health === 'expired') {
      const pair = path.revoke();
      if (pair) this.#context.events.push({ type: 'consentExpired', path: pair.toPath() });
    }
    const spares = path.takeSpares(now, this.#list.ofComponent(path.component));
    for (const spare of spares) this.#checker?.start(now, spare);
  }

  // --- Sending ---

  #advance(now: number): void {
    if (!this.#checker) return;
    this.#nominate(now);
    const due = this.#schedule.take(now);
    if (!due || due.pair.isRevoked || !this.#isListed(due.pair)) return;
    if (!due.pair.isValid) due.pair.state = 'inProgress';
    const isLone = due.kind === 'rescue';
    this.#checker.start(now, due.pair, isLone ? {} : { rtoMs: this.#rtoMs() });
  }

  #rtoMs(): number {
    return Math.min(LONGEST_RTO_MS, Math.max(LEAST_RTO_MS, PACING_MS * this.#list.busyPairs));
  }

  #send({ base, remote }: Arrival, bytes: Uint8Array): void {
    this.#context.datagrams.push({ base, bytes, remote });
  }

  #failureAt(): number | undefined {
    if (this.#hasFailed || this.#startedAt === undefined || this.state !== 'checking') return undefined;
    return this.#startedAt + (this.#context.isComplete() ? PATIENCE_MS : LONGER_PATIENCE_MS);
  }

  #pathOf({ component }: CandidatePair): ComponentPath {
    const path = this.#paths[component - 1];
    invariant(path, 'pairs are formed of components that the stream has');
    return path;
  }

  /** A pair may have been given up for a better one while its check was under way. */
  #isListed(pair: CandidatePair): boolean {
    return this.#list.find(pair.base, pair.destination) === pair;
  }
}

/** RFC 8445 §7.3.1.3: its foundation is like no other. */
function peerReflexive(check: IncomingCheck, component: ComponentId, endpoint: Endpoint): Candidate {
  const foundation = `prflx${component}${endpoint.address}${endpoint.port}`;
  return { foundation, component, priority: check.priority, endpoint, type: 'peerReflexive' };
}

function knownRtoMs({ roundTripMs }: CandidatePair): number {
  if (roundTripMs === null) return LEAST_RTO_MS;
  return Math.min(LEAST_RTO_MS, Math.max(LEAST_KNOWN_RTO_MS, 2 * roundTripMs));
}
