// Finds out what kind of NAT we are behind: mapping, filtering, hairpinning, port preservation (RFC 5780 §4).
import { type Endpoint, isSameEndpoint, type Random } from '../../core/index.ts';
import {
  type DiscoveryPhase,
  Knowledge,
  MAPPING_SOCKET,
  PHASES,
  type Question,
  questionsOf,
} from './plan.ts';
import { type ProbeDatagram, Prober, type ProbeSocket } from './prober.ts';
import type { BehaviourDoubt, BehaviourReport, DoubtfulProperty } from './types.ts';

export interface BehaviourDiscoveryOptions {
  readonly random: Random;
  /** Whom to ask, the preferred first: one with another address says all, two servers more than one. */
  readonly servers: readonly Endpoint[];
  /** Our sockets, {@link DISCOVERY_SOCKETS} of them, with the address from which packets to the servers leave. */
  readonly locals: readonly Endpoint[];
}

export type BehaviourEvent =
  | { readonly type: 'phase'; readonly phase: DiscoveryPhase }
  | { readonly type: 'done'; readonly report: BehaviourReport };

/**
 * Sans-I/O. `reach` asks the servers where we come from; `map` asks them at their other endpoints; `test` lets them
 * answer from there, and sends from one socket of ours to another's mapping; `control` looks whether who was not heard
 * can be heard at all.
 */
export class BehaviourDiscovery {
  readonly #locals: readonly Endpoint[];
  readonly #prober: Prober<Question>;
  readonly #known: Knowledge;
  #phase: DiscoveryPhase = 'reach';
  #isHairpinned = false;
  #isHurried = false;
  #events: BehaviourEvent[] = [];

  constructor(now: number, { random, servers, locals }: BehaviourDiscoveryOptions) {
    this.#locals = locals;
    this.#prober = new Prober(random);
    this.#known = new Knowledge(this.#prober, servers);
    this.#enter(now, 'reach');
  }

  get isDone(): boolean {
    return this.#phase === 'done';
  }

  handleDatagram(
    now: number,
    socket: ProbeSocket,
    datagram: { readonly bytes: Uint8Array; readonly source: Endpoint },
  ): void {
    const own = this.#prober.handleDatagram(now, socket, datagram);
    if (own === 'hairpin in' || own === 'hairpin out') {
      this.#isHairpinned = true;
      this.#prober.cancel('hairpin in');
      this.#prober.cancel('hairpin out');
    }
    this.#advance(now);
  }

  nextTimeoutAt(): number | undefined {
    return this.#prober.nextTimeoutAt();
  }

  handleTimeout(now: number): void {
    this.#prober.handleTimeout(now);
    this.#advance(now);
  }

  takeDatagrams(now: number): readonly ProbeDatagram[] {
    return this.#prober.takeDatagrams(now);
  }

  takeEvents(): readonly BehaviourEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #advance(now: number): void {
    if (this.#phase === 'reach' && this.#known.primary !== undefined) this.#hurry(now);
    for (const guess of this.#known.needlessGuesses) this.#prober.cancel(`map ${guess}`);
    while (this.#prober.pendingCount === 0 && !this.isDone) {
      const next = PHASES[PHASES.indexOf(this.#phase) + 1] ?? 'done';
      this.#enter(now, this.#known.primary === undefined ? 'done' : next);
    }
  }

  /** Once one server has answered, it is known how long the others may take. */
  #hurry(now: number): void {
    if (this.#isHurried) return;
    this.#isHurried = true;
    for (const probe of questionsOf('reach', this.#known)) {
      if (this.#prober.isPending(probe.name)) this.#prober.ask(now, { ...probe, ...this.#known.timing() });
    }
  }

  #enter(now: number, phase: DiscoveryPhase): void {
    this.#phase = phase;
    this.#events.push({ type: 'phase', phase });
    const isHairpin = ({ name }: { name: Question }) => name.startsWith('hairpin ') && phase === 'test';
    for (const probe of questionsOf(phase, this.#known)) {
      if (!isHairpin(probe) || this.#isBehindNat()) this.#prober.ask(now, probe);
    }
    if (phase === 'done') this.#events.push({ type: 'done', report: this.report() });
  }

  /** What is known so far. */
  report(): BehaviourReport {
    const { primary, mapping, filtering, endpoints, givenCount } = this.#known;
    const answer = primary === undefined ? undefined : this.#prober.answer(`map ${primary}`);
    const mapped = answer?.type === 'answered' ? answer.mapped : undefined;
    const hairpinning = this.#hairpinning();
    const portPreservation = this.#portPreservation();
    return {
      local: this.#locals[MAPPING_SOCKET] ?? null,
      mapped: mapped ?? null,
      servers: endpoints.filter((_, index) => index < givenCount && this.#prober.mapped(`map ${index}`)),
      roundTripMs: answer?.type === 'answered' ? answer.roundTripMs : null,
      isBehindNat: primary === undefined ? null : this.#isBehindNat(),
      mapping: this.#isMapped() ? mapping.mapping : primary === undefined ? null : 'endpoint-independent',
      isMappingStable: this.#isMapped() ? mapping.isStable : primary === undefined ? null : true,
      filtering: filtering.filtering,
      isFilteredByPort: filtering.isByPort,
      hairpinning: hairpinning.value,
      portPreservation: portPreservation.value,
      lifetime: null,
      doubts: doubtsOf({
        mapping: this.#isMapped() || primary === undefined ? mapping.doubt : undefined,
        filtering: filtering.doubt,
        hairpinning: hairpinning.doubt,
        portPreservation: portPreservation.doubt,
        lifetime: 'not-measured',
      }),
    };
  }

  /** RFC 5780 §4.3: who is seen as he is has no mapping, and every peer sees him so. */
  #isBehindNat(): boolean {
    const { primary } = this.#known;
    const mapped = primary === undefined ? undefined : this.#prober.mapped(`map ${primary}`);
    const local = this.#locals[MAPPING_SOCKET];
    return mapped !== undefined && !(local && isSameEndpoint(mapped, local));
  }

  #isMapped(): boolean {
    return this.#known.primary !== undefined && this.#isBehindNat();
  }

  #hairpinning(): Verdict {
    if (this.#known.primary === undefined) return { value: null, doubt: 'no-answer' };
    if (!this.#isBehindNat()) return { value: null, doubt: 'no-nat' };
    if (this.#isHairpinned) return { value: true };
    // RFC 4787 §6: where the mapping towards ourselves is another one, nobody can have sent to it.
    return this.#known.mapping.isStable === true
      ? { value: false }
      : { value: null, doubt: 'mapping-varies' };
  }

  #portPreservation(): Verdict {
    const { primary } = this.#known;
    if (primary === undefined) return { value: null, doubt: 'no-answer' };
    if (!this.#isBehindNat()) return { value: null, doubt: 'no-nat' };
    const names: readonly Question[] = [`map ${primary}`, 'filter mapping', 'hairpin mapping'];
    // One is enough: where another socket has the port already, the NAT must give away a different one.
    const isAny = names.some(
      (name, socket) => this.#prober.mapped(name)?.port === this.#locals[socket]?.port,
    );
    return { value: isAny };
  }
}

interface Verdict {
  readonly value: boolean | null;
  readonly doubt?: BehaviourDoubt;
}

function doubtsOf(
  doubts: Readonly<Record<DoubtfulProperty, BehaviourDoubt | undefined>>,
): BehaviourReport['doubts'] {
  return Object.fromEntries(Object.entries(doubts).filter(([, doubt]) => doubt !== undefined));
}
