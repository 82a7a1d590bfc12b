// One ICE session: all that happens between one exchange of credentials and the next (RFC 8445 §4, §9).
import { type Endpoint, isSameEndpoint } from '../../core/index.ts';
import { earliestOf } from '../earliest.ts';
import type { StunMessage } from '../stun/index.ts';
import type { CandidatePair } from './candidate-pair.ts';
import { CheckList } from './check-list.ts';
import {
  encodeCheckSuccess,
  encodeRoleConflict,
  encodeUnknownAttributes,
  type IncomingCheck,
} from './check-message.ts';
import { CheckSchedule, PACING_MS } from './check-schedule.ts';
import { type Arrival, Checker, type CheckOutcome } from './checker.ts';
import { RemoteCandidates } from './remote-candidates.ts';
import { Selection } from './selection.ts';
import type { SessionContext } from './session-context.ts';
import type { BaseId, Candidate, ComponentId, IceCredentials, IceState, LocalCandidate } from './types.ts';

/** RFC 8863 §4: so long even a list of failed pairs may be saved by a check of the peer's. */
const PATIENCE_MS = 39_500;
/** Candidates were promised and did not come (RFC 8838): nobody waits for them for ever. */
const LONGER_PATIENCE_MS = 60_000;
/** RFC 8445 §14.3. */
const LEAST_RTO_MS = 500;
/** Departs from RFC 8445 §14.3, which allows for it: its formula grows with the square of the list. */
const LONGEST_RTO_MS = 3_000;
/** Checks that came before the peer's description are kept, so many. */
const MAX_EARLY_CHECKS = 16;

interface EarlyCheck {
  readonly check: IncomingCheck;
  readonly arrival: Arrival;
}

/** Checks go out once the peer's credentials are there; the peer's checks are answered before. */
export class IceSession {
  readonly local: IceCredentials;
  readonly #context: SessionContext;
  readonly #list: CheckList;
  readonly #selection: Selection;
  readonly #schedule: CheckSchedule;
  readonly #remotes = new RemoteCandidates();
  #early: EarlyCheck[] = [];
  #remote: IceCredentials | undefined;
  #checker: Checker | undefined;
  #startedAt: number | undefined;
  #hasFailed = false;

  constructor(local: IceCredentials, context: SessionContext) {
    this.local = local;
    this.#context = context;
    this.#list = new CheckList(context.role.role);
    this.#selection = new Selection(this.#list, context);
    this.#schedule = new CheckSchedule(this.#list, this.#selection);
  }

  get remote(): IceCredentials | undefined {
    return this.#remote;
  }

  get pairs(): readonly CandidatePair[] {
    return this.#list.pairs;
  }

  /** Checks of ours that wait for an answer. */
  get pendingChecks(): number {
    return this.#checker?.size ?? 0;
  }

  /** Checks that those of the peer's asked for, and that were not sent yet. */
  get triggeredChecks(): number {
    return this.#schedule.triggeredCount;
  }

  get state(): IceState {
    if (this.#selection.isWhole) return this.#selection.isDead ? 'disconnected' : 'connected';
    if (this.#hasFailed || this.#selection.isExpired) return 'failed';
    return this.#remote ? 'checking' : 'new';
  }

  selected(component: ComponentId): CandidatePair | undefined {
    return this.#selection.selected(component);
  }

  /** Whether a check of ours was answered from there, or one of the peer's came. */
  isProven(base: BaseId, remote: Endpoint): boolean {
    const isThere = (pair: CandidatePair) => pair.base === base && isSameEndpoint(pair.destination, remote);
    return this.#list.pairs.some((pair) => pair.isProven && isThere(pair));
  }

  /** The peer is known: checks begin. */
  setRemote(now: number, remote: IceCredentials): void {
    this.#remote = remote;
    this.#checker = new Checker({ ...this.#context, local: this.local, remote });
    this.#selection.checker = this.#checker;
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

  removeBase(now: number, base: BaseId): void {
    this.#list.revoke(base);
    this.#selection.handleLostBase(now, base);
    this.#advance(now);
  }

  addRemote(now: number, candidate: Candidate): void {
    const verdict = this.#remotes.add(candidate);
    if (verdict === 'ignored') this.#context.counters.candidatesIgnored += 1;
    if (verdict !== 'new') return;
    // RFC 8838 §11.4: what a check told of as peer-reflexive is what signaling says it is.
    this.#list.updateRemote(candidate);
    for (const local of this.#context.locals.bases) this.#list.add(local, candidate);
    this.#advance(now);
  }

  /** A check of the peer's, proven (RFC 8445 §7.3). */
  handleCheck(now: number, check: IncomingCheck, arrival: Arrival): void {
    const answer = this.#answerTo(check, arrival);
    this.#context.datagrams.push({ base: arrival.base, bytes: answer.bytes, remote: arrival.remote });
    if (!answer.isTaken) return;
    this.#context.counters.checksReceived += 1;
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
    this.#selection.probe(now);
    this.handleTimeout(now);
  }

  nextTimeoutAt(): number | undefined {
    if (!this.#checker) return undefined;
    return earliestOf(
      this.#schedule.nextAt(),
      this.#checker.nextTimeoutAt(),
      this.#selection.nextTimeoutAt(),
      this.#failureAt(),
    );
  }

  handleTimeout(now: number): void {
    for (const { pair, rtoMs } of this.#checker?.handleTimeout(now) ?? []) {
      if (rtoMs !== undefined && this.#isListed(pair)) this.#fail(pair);
    }
    this.#selection.handleTimeout(now);
    const failureAt = this.#failureAt();
    if (failureAt !== undefined && failureAt <= now) this.#hasFailed = true;
    this.#advance(now);
  }

  /** RFC 8445 §7.3.1.1, §7.3.1.2. @returns the answer, and whether the check counts */
  #answerTo(check: IncomingCheck, { remote }: Arrival): { bytes: Uint8Array; isTaken: boolean } {
    if (check.unknownAttributes.length > 0) {
      return { bytes: encodeUnknownAttributes(check, this.local), isTaken: false };
    }
    const verdict = this.#context.role.judge(check);
    if (verdict !== 'none') this.#context.counters.roleConflicts += 1;
    if (verdict === 'refuse') return { bytes: encodeRoleConflict(check, this.local), isTaken: false };
    if (verdict === 'switch') this.#context.switchRole();
    return { bytes: encodeCheckSuccess(check, this.local, remote), isTaken: true };
  }

  /** RFC 8445 §7.3.1.3 to §7.3.1.5. */
  #learn(now: number, check: IncomingCheck, arrival: Arrival): void {
    const known = this.#list.find(arrival.base, arrival.remote);
    const pair = known ?? this.#addLearned(check, arrival);
    if (!pair || pair.isRevoked) return;
    pair.isHeard = true;
    // The peer sends from where it did not before: what was selected may have lost its mapping.
    if (!known) this.#selection.probe(now, pair.component);
    this.#selection.handlePeerCheck(now, pair);
    if (check.isNominating && this.#context.role.role === 'controlled') {
      this.#selection.handleNomination(now, pair);
    }
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

  #conclude(now: number, outcome: CheckOutcome): void {
    const { pair, role } = outcome.check;
    if (outcome.type === 'failure') return this.#fail(pair);
    if (outcome.type === 'roleConflict') {
      this.#context.counters.roleConflicts += 1;
      if (this.#context.role.yields(role)) this.#context.switchRole();
      this.#selection.handleFailure(pair);
      return this.#trigger(now, pair);
    }
    pair.mapped = outcome.mapped;
    pair.localType = this.#context.locals.typeOf(pair.base, outcome.mapped);
    pair.handleSuccess(now);
    this.#list.unfreeze(pair.foundation);
    this.#selection.handleSuccess(now, outcome.check);
  }

  #fail(pair: CandidatePair): void {
    this.#selection.handleFailure(pair);
    if (!pair.isValid) pair.state = 'failed';
  }

  /** After every input: nominates what can be, and sends the check whose turn it is. */
  #advance(now: number): void {
    if (!this.#checker) return;
    this.#selection.nominate(now);
    const due = this.#schedule.take(now);
    if (!due || !this.#isWorthChecking(due.pair)) return;
    const { pair, kind } = due;
    if (!pair.isValid) pair.state = 'inProgress';
    const isNominating = this.#selection.isNominating(pair);
    const isLone = kind === 'rescue' || kind === 'repeat';
    this.#checker.start(now, pair, isLone ? {} : { isNominating, rtoMs: this.#rtoMs() });
  }

  /** Much may have happened since the peer's check asked for this one. */
  #isWorthChecking(pair: CandidatePair): boolean {
    return !pair.isRevoked && this.#isListed(pair);
  }

  #rtoMs(): number {
    return Math.min(LONGEST_RTO_MS, Math.max(LEAST_RTO_MS, PACING_MS * this.#list.busyPairs));
  }

  #failureAt(): number | undefined {
    if (this.#startedAt === undefined || this.state !== 'checking') return undefined;
    return this.#startedAt + (this.#context.isComplete() ? PATIENCE_MS : LONGER_PATIENCE_MS);
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
