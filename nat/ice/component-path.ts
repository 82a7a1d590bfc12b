// The pair that carries the data of one component, and what is kept for when it dies.
import type { Random } from '../../core/index.ts';
import type { CandidatePair } from './candidate-pair.ts';
import type { CheckList } from './check-list.ts';
import { PathWatch } from './path-watch.ts';
import type { ComponentId } from './types.ts';

/** A spare pair is asked so often (and up to a third more): NATs keep it open, and falling back is instant. */
const SPARE_INTERVAL_MS = 15_000;
/** While a peer's choice is so young, only a better one takes its place: a peer may nominate all that works at once. */
const SETTLING_MS = 1_000;
/** Pairs that died are asked too, as they may come back; no more than these. */
const MAX_RETURNING = 2;

export class ComponentPath {
  readonly component: ComponentId;
  readonly #random: Random;
  #selected: CandidatePair | undefined;
  #watch: PathWatch | undefined;
  #firstSelectedAt: number | undefined;
  #spareAt: number | undefined;
  /** Had a path, whose consent expired. */
  isExpired = false;

  constructor(component: ComponentId, random: Random) {
    this.component = component;
    this.#random = random;
  }

  get selected(): CandidatePair | undefined {
    return this.#selected;
  }

  get watch(): PathWatch | undefined {
    return this.#watch;
  }

  select(now: number, pair: CandidatePair): void {
    if (this.#watch?.health === 'dead') this.#selected?.distrust();
    pair.isTrusted = true;
    this.#selected = pair;
    this.#watch = new PathWatch(this.#random, pair.answeredAt ?? now);
    this.#firstSelectedAt ??= now;
    this.#armSpares(now);
    this.isExpired = false;
  }

  /** Consent is gone: nothing goes there any more. */
  revoke(): void {
    this.#selected?.revoke();
    this.#selected = undefined;
    this.#watch = undefined;
    this.#spareAt = undefined;
    this.isExpired = true;
  }

  /** Whether a controlled agent goes along with the peer's nomination (RFC 8445 §8.1.2 knows one, and no change). */
  follows(now: number, pair: CandidatePair): boolean {
    const current = this.#selected;
    if (!current?.isTrusted || this.#watch?.health !== 'alive') return true;
    return now - (this.#firstSelectedAt ?? now) >= SETTLING_MS || pair.priority > current.priority;
  }

  /**
   * Whether a pair is worth checking unasked (RFC 8445 §8.1.2 ends with the selection): a better one is, and a relay
   * until there is one to fall back to.
   */
  wants(pair: CandidatePair, list: CheckList): boolean {
    const current = this.#selected;
    if (!current || pair.priority > current.priority) return true;
    return pair.isRelayed && !current.isRelayed && !list.ofComponent(this.component).some(isSpareRelay);
  }

  /** Pairs to be asked in turn: those that worked before when the path is in doubt, and all when it is dead. */
  rescuers(pairs: readonly CandidatePair[]): readonly CandidatePair[] {
    const health = this.#watch?.health;
    if (health !== 'suspect' && health !== 'dead') return [];
    const others = pairs.filter((pair) => pair !== this.#selected && !pair.isRevoked);
    const valid = others.filter(({ isValid }) => isValid);
    return health === 'suspect' ? valid : [...valid, ...others.filter(({ isValid }) => !isValid)];
  }

  get spareAt(): number | undefined {
    return this.#spareAt;
  }

  /** @param pairs - of the component, the best first. @returns the pairs to be kept warm, where it is time */
  takeSpares(now: number, pairs: readonly CandidatePair[]): readonly CandidatePair[] {
    if (this.#spareAt === undefined || now < this.#spareAt) return [];
    this.#armSpares(now);
    const others = pairs.filter((pair) => pair.isValid && !pair.isRevoked && pair !== this.#selected);
    const trusted = others.filter(({ isTrusted }) => isTrusted);
    const spare = trusted.find(({ isRelayed }) => isRelayed) ?? trusted[0];
    const returning = others.filter(({ isTrusted }) => !isTrusted).slice(0, MAX_RETURNING);
    return spare ? [spare, ...returning] : returning;
  }

  #armSpares(now: number): void {
    this.#spareAt = now + SPARE_INTERVAL_MS * (1 + this.#random.float() / 3);
  }
}

function isSpareRelay({ isRelayed, isTrusted }: CandidatePair): boolean {
  return isRelayed && isTrusted;
}
