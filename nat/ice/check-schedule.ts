// Which pair is checked next, and when (RFC 8445 §6.1.4, §14.2).
import { earliestOf } from '../earliest.ts';
import type { CandidatePair } from './candidate-pair.ts';
import { type CheckList, MAX_PAIRS } from './check-list.ts';

/** RFC 8445 §14.2: between checks that nobody asked for, Ta. */
export const PACING_MS = 50;
/** RFC 8445 §14.2: between any two. */
const LEAST_PACING_MS = 5;
/**
 * Where all pairs were checked and none was selected, those without an answer are checked anew: each so often, in the
 * first so long, so many checks in all. A packet that was lost is not waited for; the pace is that of all checks.
 */
const [REPEAT_INTERVAL_MS, REPEATING_MS, MOST_REPEATS] = [200, 2_000, 20];
/** While a path is in doubt, each other pair is asked so often. */
const RESCUE_INTERVAL_MS = 500;

/** What is still to be found out: see `Selection`. */
export interface Demand {
  /** Whether every component has a path. */
  readonly isWhole: boolean;
  /** Whether a pair is still worth a check that nobody asked for. */
  wants(pair: CandidatePair): boolean;
  /** Pairs that may replace one in doubt, the likeliest first. */
  rescuers(): readonly CandidatePair[];
}

export interface DueCheck {
  readonly pair: CandidatePair;
  /** `repeat` and `rescue`: sent once, beside whatever else is under way on the pair. */
  readonly kind: 'triggered' | 'ordinary' | 'repeat' | 'rescue';
}

export class CheckSchedule {
  readonly #list: CheckList;
  readonly #demand: Demand;
  #triggered: CandidatePair[] = [];
  #sentAt = Number.NEGATIVE_INFINITY;
  #unaskedAt = Number.NEGATIVE_INFINITY;
  #startedAt: number | undefined;
  #repeats = 0;

  constructor(list: CheckList, demand: Demand) {
    this.#list = list;
    this.#demand = demand;
  }

  /** How many checks wait that the peer's asked for. */
  get triggeredCount(): number {
    return this.#triggered.length;
  }

  /** RFC 8445 §7.3.1.4: to be checked ahead of the others. */
  trigger(pair: CandidatePair): void {
    if (this.#triggered.includes(pair)) return;
    // A peer that is seen at ever new places has old pairs given up faster than they are checked.
    if (this.#triggered.length >= MAX_PAIRS) this.#triggered = this.#triggered.filter(this.#isListed);
    this.#triggered.push(pair);
  }

  nextAt(): number | undefined {
    return earliestOf(this.#triggeredAt(), this.#nextUnaskedAt());
  }

  /** @returns undefined where nothing is due */
  take(now: number): DueCheck | undefined {
    const due = this.#isDue(now, this.#nextUnaskedAt()) ? this.#takeUnasked(now) : this.#takeTriggered(now);
    if (due) this.#sentAt = now;
    return due;
  }

  readonly #isListed = (pair: CandidatePair): boolean =>
    this.#list.find(pair.base, pair.destination) === pair;

  #isDue(now: number, at: number | undefined): boolean {
    return at !== undefined && at <= now;
  }

  // Departs from RFC 8445 §6.1.4.2: a triggered check neither waits for Ta nor holds up the others. Its peer has proven
  // itself and sent first, so that it opens no way through a NAT that was not about to be used; and a peer that is seen
  // at a new port each time would have nothing else be checked.
  #triggeredAt(): number | undefined {
    return this.#triggered.length > 0 ? this.#sentAt + LEAST_PACING_MS : undefined;
  }

  #takeTriggered(now: number): DueCheck | undefined {
    const pair = this.#isDue(now, this.#triggeredAt()) ? this.#triggered.shift() : undefined;
    return pair && { pair, kind: 'triggered' };
  }

  #nextUnaskedAt(): number | undefined {
    const pacedAt = Math.max(this.#sentAt + LEAST_PACING_MS, this.#unaskedAt + PACING_MS);
    if (this.#nextOrdinary()) return pacedAt;
    const repeat = this.#nextRepeat(pacedAt);
    const soonest = earliestOf(repeat && repeatAt(repeat), ...this.#demand.rescuers().map(rescueAt));
    return soonest === undefined ? undefined : Math.max(pacedAt, soonest);
  }

  #takeUnasked(now: number): DueCheck | undefined {
    this.#unaskedAt = now;
    this.#startedAt ??= now;
    const ordinary = this.#nextOrdinary();
    if (ordinary) return { pair: ordinary, kind: 'ordinary' };
    return this.#takeRepeat(now) ?? this.#takeRescue(now);
  }

  #takeRepeat(now: number): DueCheck | undefined {
    const pair = this.#nextRepeat(now);
    if (!pair || repeatAt(pair) > now) return undefined;
    this.#repeats += 1;
    return { pair, kind: 'repeat' };
  }

  #takeRescue(now: number): DueCheck | undefined {
    const rescuer = this.#demand.rescuers().find((pair) => rescueAt(pair) <= now);
    return rescuer && { pair: rescuer, kind: 'rescue' };
  }

  /** @returns the pair that was checked longest ago, of those that may be repeated then or later */
  #nextRepeat(at: number): CandidatePair | undefined {
    if (this.#startedAt === undefined || this.#repeats >= MOST_REPEATS || this.#demand.isWhole)
      return undefined;
    const untilAt = this.#startedAt + REPEATING_MS;
    const pairs = this.#list.pairs.filter(
      (pair) => pair.state === 'inProgress' && Math.max(at, repeatAt(pair)) <= untilAt,
    );
    return pairs.reduce<CandidatePair | undefined>(
      (first, pair) => (first && repeatAt(first) <= repeatAt(pair) ? first : pair),
      undefined,
    );
  }

  #nextOrdinary(): CandidatePair | undefined {
    return this.#list.nextToCheck((pair) => this.#demand.wants(pair));
  }
}

/** In progress, it was checked. */
function repeatAt({ lastCheckedAt = 0 }: CandidatePair): number {
  return lastCheckedAt + REPEAT_INTERVAL_MS;
}

function rescueAt({ lastCheckedAt }: CandidatePair): number {
  return lastCheckedAt === undefined ? Number.NEGATIVE_INFINITY : lastCheckedAt + RESCUE_INTERVAL_MS;
}
