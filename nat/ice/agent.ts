// A full ICE agent (RFC 8445): it finds a path for one data stream and keeps it, whatever happens to it.
import { DecodeError, type Endpoint, type Random } from '../../core/index.ts';
import { earliestOf } from '../earliest.ts';
import { decodeStun, METHOD, type StunMessage } from '../stun/index.ts';
import { CheckBudget } from './check-budget.ts';
import { verifyCheck } from './check-message.ts';
import type { Arrival } from './checker.ts';
import { createIceCounters, type IceCounters } from './counters.ts';
import { createIceCredentials, isSameCredentials } from './credentials.ts';
import { IceSession } from './ice-session.ts';
import { LocalCandidates } from './local-candidates.ts';
import { RoleHolder } from './role.ts';
import type { SessionContext } from './session-context.ts';
import type {
  BaseId,
  Candidate,
  ComponentId,
  IceAgentOptions,
  IceCredentials,
  IceDatagram,
  IceDescription,
  IceEvent,
  IceRole,
  IceState,
  LocalCandidate,
  SelectedPath,
} from './types.ts';

/** After a restart found its path, what is still under way on the old one is taken for so long. */
const AFTERLIFE_MS = 3_000;

/**
 * Sans-I/O: inputs come in with `now`, {@link IceAgent.takeDatagrams} and {@link IceAgent.takeEvents} are drained after
 * each of them. Only what the peer's password proves changes anything; all else is counted and dropped.
 */
export class IceAgent {
  readonly counters: IceCounters = createIceCounters();
  readonly #random: Random;
  readonly #context: SessionContext;
  readonly #locals = new LocalCandidates();
  readonly #role: RoleHolder;
  #datagrams: IceDatagram[] = [];
  #events: IceEvent[] = [];
  #current: IceSession;
  /** Of before the restart: it carries the data until the current one can (RFC 8445 §9). */
  #previous: IceSession | undefined;
  #previousUntil: number | undefined;
  #isRemoteEnded = false;
  #state: IceState = 'new';

  constructor({ random, role, components, credentials }: IceAgentOptions) {
    this.#random = random;
    this.#role = new RoleHolder(random, role);
    this.#context = {
      random,
      components,
      locals: this.#locals,
      role: this.#role,
      budget: new CheckBudget(),
      counters: this.counters,
      datagrams: this.#datagrams,
      events: this.#events,
      isComplete: () => this.#locals.isEnded && this.#isRemoteEnded,
      switchRole: () => this.#switchRole(),
    };
    this.#current = new IceSession(credentials ?? createIceCredentials(random), this.#context);
  }

  /** Ours, for the next description: other ones after a restart. */
  get credentials(): IceCredentials {
    return this.#current.local;
  }

  get role(): IceRole {
    return this.#role.role;
  }

  get state(): IceState {
    return this.#state;
  }

  /** Undefined while there is none; data goes nowhere else. */
  selected(component: ComponentId): SelectedPath | undefined {
    const pair = this.#current.selected(component) ?? this.#previous?.selected(component);
    return pair?.toPath();
  }

  /** Whether a check of ours was answered from there, or one of the peer's came: what comes from there is its data. */
  isProven(base: BaseId, remote: Endpoint): boolean {
    return this.#current.isProven(base, remote) || (this.#previous?.isProven(base, remote) ?? false);
  }

  /** The first candidate of a base is the one that it sends as (host, relayed); what reflects it follows. */
  addLocalCandidate(now: number, local: LocalCandidate): void {
    if (local.candidate.component > this.#context.components || !this.#locals.add(local)) return;
    this.#current.addLocal(now, local);
    this.#updateState();
  }

  /** What sent for it is gone, a socket or an allocation: another pair takes the place of what was selected on it. */
  removeBase(now: number, base: BaseId): void {
    this.#locals.removeBase(base);
    this.#context.budget.removeBase(base);
    for (const session of this.#sessions()) session.removeBase(now, base);
    this.#updateState();
  }

  /** No more candidates of ours (RFC 8838 §13). */
  endOfLocalCandidates(_now: number): void {
    this.#locals.isEnded = true;
  }

  /**
   * What the peer described: its credentials start the checks. Other ones without a restart of ours are of another peer
   * (RFC 8839 §4.4.1.1.1: a restart changes both), another fork say: nothing of the one before is a path to it.
   * To answer a restart, {@link IceAgent.restart} comes first.
   */
  setRemote(now: number, description: IceDescription): void {
    const { credentials, candidates, isLite = false, isTrickling = false } = description;
    const known = this.#current.remote;
    if (known && !isSameCredentials(known, credentials)) this.#forgetRemote();
    if (isLite && this.#role.controlLitePeer()) this.#announceRole();
    this.#isRemoteEnded = !isTrickling;
    if (!this.#current.remote) this.#current.setRemote(now, credentials);
    for (const candidate of candidates) this.#addRemote(now, candidate);
    this.#updateState();
  }

  /** There is another peer, or there will be: no path leads to the one before, and nothing of it is taken. */
  forgetRemote(_now: number): void {
    this.#forgetRemote();
    this.#updateState();
  }

  addRemoteCandidate(now: number, candidate: Candidate): void {
    this.#addRemote(now, candidate);
    this.#updateState();
  }

  endOfRemoteCandidates(_now: number): void {
    this.#isRemoteEnded = true;
  }

  /** New credentials, for an offer (RFC 8445 §9): the old path goes on until the new session has one. */
  restart(_now: number): void {
    if (this.#current.selected(1) !== undefined) this.#previous = this.#current;
    this.#begin(createIceCredentials(this.#random));
    this.#updateState();
  }

  /** The peer was heard a moment ago and is not any more: look at once whether the path still lives. */
  probe(now: number): void {
    this.#previous?.probe(now);
    this.#current.probe(now);
    this.#updateState();
  }

  /**
   * @param bytes - a whole datagram, which is not kept
   * @returns whether it was for this agent; an answer that it did not ask for may be somebody else's on that socket
   */
  handleDatagram(now: number, bytes: Uint8Array, arrival: Arrival): boolean {
    const message = decodeStun(bytes);
    if (message instanceof DecodeError || message.method !== METHOD.binding) return false;
    if (message.class === 'request') this.#handleRequest(now, message, arrival);
    else if (message.class !== 'indication' && !this.#handleAnswer(now, message, arrival)) return false;
    this.#updateState();
    return true;
  }

  /** How much is kept: bounded, whatever a peer does. */
  get tables(): Readonly<Record<'pairs' | 'checks' | 'triggered', number>> {
    const sum = (count: (session: IceSession) => number) =>
      this.#sessions().reduce((total, session) => total + count(session), 0);
    return {
      pairs: sum(({ pairs }) => pairs.length),
      checks: sum(({ pendingChecks }) => pendingChecks),
      triggered: sum(({ triggeredChecks }) => triggeredChecks),
    };
  }

  nextTimeoutAt(): number | undefined {
    const sessions = this.#sessions().map((session) => session.nextTimeoutAt());
    return earliestOf(this.#previousUntil, ...sessions);
  }

  handleTimeout(now: number): void {
    this.#current.handleTimeout(now);
    this.#previous?.handleTimeout(now);
    this.#buryPrevious(now);
    this.#updateState();
  }

  takeDatagrams(): IceDatagram[] {
    return this.#datagrams.splice(0);
  }

  takeEvents(): IceEvent[] {
    return this.#events.splice(0);
  }

  #addRemote(now: number, candidate: Candidate): void {
    if (candidate.component <= this.#context.components) this.#current.addRemote(now, candidate);
  }

  #handleRequest(now: number, message: StunMessage, arrival: Arrival): void {
    const isOurs = this.#locals.base(arrival.base) !== undefined;
    for (const session of isOurs ? this.#sessions() : []) {
      const check = verifyCheck(message, session.local, session.remote?.ufrag);
      if (typeof check !== 'string') return session.handleCheck(now, check, arrival);
    }
    this.counters.checksRefused += 1;
  }

  #handleAnswer(now: number, message: StunMessage, arrival: Arrival): boolean {
    const session = this.#sessions().find((candidate) => candidate.expects(message));
    if (session) session.handleAnswer(now, message, arrival);
    else this.counters.answersUnexpected += 1;
    return session !== undefined;
  }

  #forgetRemote(): void {
    this.#previous = undefined;
    this.#begin(this.credentials);
  }

  #begin(local: IceCredentials): void {
    this.#previousUntil = undefined;
    this.#current = new IceSession(local, this.#context);
  }

  #switchRole(): void {
    this.#role.switch();
    this.#announceRole();
  }

  #announceRole(): void {
    for (const session of this.#sessions()) session.handleRoleChange();
    this.#events.push({ type: 'role', role: this.role });
  }

  #buryPrevious(now: number): void {
    if (!this.#previous) return;
    if (this.#current.state === 'connected') this.#previousUntil ??= now + AFTERLIFE_MS;
    if (this.#previousUntil === undefined || this.#previousUntil > now) return;
    this.#previous = undefined;
    this.#previousUntil = undefined;
  }

  #sessions(): readonly IceSession[] {
    return this.#previous ? [this.#current, this.#previous] : [this.#current];
  }

  #updateState(): void {
    const state =
      this.#previous && !isSettled(this.#current.state) ? this.#previous.state : this.#current.state;
    if (state === this.#state) return;
    this.#state = state;
    this.#events.push({ type: 'state', state });
  }
}

function isSettled(state: IceState): boolean {
  return state === 'connected' || state === 'disconnected';
}
