// Which pairs carry the data: chosen, agreed with the peer, watched, and replaced when they die (RFC 8445 §8, RFC 7675).
import { earliestOf } from '../earliest.ts';
import type { CandidatePair } from './candidate-pair.ts';
import type { CheckList } from './check-list.ts';
import type { PendingCheck } from './check-transactions.ts';
import type { Checker } from './checker.ts';
import { ComponentPath } from './component-path.ts';
import { choosePair } from './nomination.ts';
import type { SessionContext } from './session-context.ts';
import type { BaseId, ComponentId } from './types.ts';

/** First interval of a nominating check's retransmission, where the round trip is known: twice that, within these. */
const [LEAST_RTO_MS, LONGEST_RTO_MS] = [100, 500];

/** Of all components of one session. Checks are sent only once {@link Selection.checker} is there. */
export class Selection {
  checker: Checker | undefined;
  readonly #context: SessionContext;
  readonly #list: CheckList;
  readonly #paths = new Map<ComponentId, ComponentPath>();
  #nominateAt: number | undefined;

  constructor(list: CheckList, context: SessionContext) {
    this.#context = context;
    this.#list = list;
    this.#add(1);
    if (context.components === 2) this.#add(2);
  }

  selected(component: ComponentId): CandidatePair | undefined {
    return this.#paths.get(component)?.selected;
  }

  get isWhole(): boolean {
    return this.#all.every(({ selected }) => selected);
  }

  /** A path in use does not answer. */
  get isDead(): boolean {
    return this.#all.some(({ watch }) => watch?.health === 'dead');
  }

  /** A path was in use until its consent expired, and there is no other. */
  get isExpired(): boolean {
    return this.#all.some((path) => path.isExpired);
  }

  /** Whether checks of it are to say that we want it: one without would take the place of one with. */
  isNominating(pair: CandidatePair): boolean {
    return this.#isControlling && this.selected(pair.component) === pair;
  }

  /** Whether it is worth a check that nobody asked for. */
  wants(pair: CandidatePair): boolean {
    return this.#pathOf(pair)?.wants(pair, this.#list) ?? false;
  }

  /** What may replace a path that is in doubt, the likeliest first. */
  rescuers(): readonly CandidatePair[] {
    return this.#all.flatMap((path) => path.rescuers(this.#list.ofComponent(path.component)));
  }

  /** The selected paths are to be looked at now: all, or that of one component. */
  probe(now: number, component?: ComponentId): void {
    for (const path of this.#all) {
      if (component === undefined || path.component === component) path.watch?.probe(now);
    }
  }

  /** The peer asked on that pair. */
  handlePeerCheck(now: number, pair: CandidatePair): void {
    const path = this.#pathOf(pair);
    if (pair === path?.selected) path.watch?.handlePeerCheck(now);
  }

  /** The controlling peer wants a pair (RFC 8445 §7.3.1.5): at once, or when a check of our own was answered. */
  handleNomination(now: number, pair: CandidatePair): void {
    const path = this.#pathOf(pair);
    if (!path || pair === path.selected) return;
    if (!pair.isTrusted) pair.isNominatedOnSuccess = true;
    else if (path.follows(now, pair)) this.#select(now, path, pair);
  }

  /** A check of ours was answered. */
  handleSuccess(now: number, { pair, startedAt }: PendingCheck): void {
    const path = this.#pathOf(pair);
    if (!path || pair.isRevoked) return;
    if (pair === path.selected) {
      const { roundTripMs } = pair;
      return path.watch?.handleAnswer(now, { roundTripMs, sentAt: startedAt });
    }
    const isTheirChoice = pair.isNominatedOnSuccess && path.follows(now, pair);
    pair.isNominatedOnSuccess = false;
    // RFC 8445 §12.1 has both wait for the controlling agent; who hears nothing takes the first that answers.
    if (isTheirChoice || path.watch?.health === 'dead') this.#select(now, path, pair);
  }

  /** A check of ours was refused, or never answered. */
  handleFailure(pair: CandidatePair): void {
    if (pair !== this.selected(pair.component)) pair.distrust();
  }

  /** The pairs of that base are revoked. */
  handleLostBase(now: number, base: BaseId): void {
    for (const path of this.#all) {
      if (path.selected?.base !== base) continue;
      path.watch?.giveUp();
      this.#replace(now, path, 0);
    }
  }

  /** As the controlling agent: nominates what is best by now. */
  nominate(now: number): void {
    this.#nominateAt = undefined;
    if (!this.#isControlling) return;
    for (const path of this.#all) {
      const choice = choosePair(now, this.#list.ofComponent(path.component), path.selected);
      if (choice.type === 'nominate') this.#select(now, path, choice.pair);
      if (choice.type === 'wait') this.#nominateAt = earliestOf(this.#nominateAt, choice.untilAt);
    }
  }

  nextTimeoutAt(): number | undefined {
    const moments = this.#all.flatMap(({ watch, spareAt }) => [watch?.nextAt, spareAt]);
    return earliestOf(this.#nominateAt, ...moments);
  }

  handleTimeout(now: number): void {
    for (const path of this.#all) {
      this.#watch(now, path);
      const spares = path.takeSpares(now, this.#list.ofComponent(path.component));
      for (const spare of spares) this.checker?.start(now, spare);
    }
  }

  /** Consent (RFC 7675 §5.1). The controlling agent says each time which pair it means: the peer may have moved. */
  #watch(now: number, path: ComponentPath): void {
    const { selected, watch } = path;
    if (!selected || !watch) return;
    if (watch.handleTimeout(now)) this.checker?.start(now, selected, { isNominating: this.#isControlling });
    if (watch.health === 'dead') this.#replace(now, path, watch.doubtedAt);
    if (path.watch?.health !== 'expired') return;
    path.revoke();
    this.#context.events.push({ type: 'consentExpired', path: selected.toPath() });
  }

  /** The path died: another one that answered since it was doubted takes its place at once. */
  #replace(now: number, path: ComponentPath, doubtedAt: number): void {
    const answered = this.#list
      .ofComponent(path.component)
      .find((pair) => pair !== path.selected && !pair.isRevoked && (pair.answeredAt ?? 0) > doubtedAt);
    if (answered) this.#select(now, path, answered);
  }

  /** RFC 8445 §12.1: data may go on any valid pair, so who controls does not wait until the peer has agreed. */
  #select(now: number, path: ComponentPath, pair: CandidatePair): void {
    path.select(now, pair);
    this.#context.events.push({ type: 'selected', path: pair.toPath() });
    if (this.#isControlling) {
      const rtoMs = Math.min(
        LONGEST_RTO_MS,
        Math.max(LEAST_RTO_MS, 2 * (pair.roundTripMs ?? LONGEST_RTO_MS)),
      );
      this.checker?.start(now, pair, { isNominating: true, rtoMs });
    }
    this.#endUnwanted(now, path);
  }

  /** RFC 8445 §8.1.2: what is not better is not sent again. */
  #endUnwanted(now: number, path: ComponentPath): void {
    for (const pair of this.#list.ofComponent(path.component)) {
      if (pair.state !== 'inProgress' || path.wants(pair, this.#list)) continue;
      this.checker?.cancel(now, pair);
      pair.state = 'frozen';
    }
  }

  get #isControlling(): boolean {
    return this.#context.role.role === 'controlling';
  }

  get #all(): readonly ComponentPath[] {
    return [...this.#paths.values()];
  }

  #add(component: ComponentId): void {
    this.#paths.set(component, new ComponentPath(component, this.#context.random));
  }

  #pathOf({ component }: CandidatePair): ComponentPath | undefined {
    return this.#paths.get(component);
  }
}
