// The least mean delay that any buffer could have had at a loss, with the whole trace in hand. It is bound as the buffers
// are: it stretches as much and no more, and has the least delay that it is told of. It is not bound upwards, nor to the beat.
import { isSilentAt, SPEECH_STRETCH_MS } from './talk.ts';
import { FRAME_MS, type Trace } from './trace.ts';

/** One buffer's choice between delay and loss. */
export interface Point {
  readonly meanDelayMs: number;
  readonly concealedRatio: number;
}

/** Delays are tried at this step. */
const STEP_MS = 4;
/** What a concealed millisecond may cost in packets times milliseconds of delay: from cheap to dear. */
const PRICES = Array.from({ length: 22 }, (_, index) => 0.5 * 1.6 ** index);

/**
 * The choices that nothing beats, from the most loss to the least.
 *
 * @param minDelayMs - the least delay that a packet may have
 */
export function optimalPoints(trace: Trace, minDelayMs: number): Point[] {
  return PRICES.map((price) => optimumAt(trace, minDelayMs, price));
}

/** The points that none beats in both delay and loss, from the least loss to the most. */
export function frontierOf(points: readonly Point[]): Point[] {
  const sorted = points.toSorted(
    (a, b) => a.concealedRatio - b.concealedRatio || a.meanDelayMs - b.meanDelayMs,
  );
  let leastMs = Number.POSITIVE_INFINITY;
  return sorted.filter(({ meanDelayMs }) => {
    const isBeaten = meanDelayMs >= leastMs;
    leastMs = Math.min(leastMs, meanDelayMs);
    return !isBeaten;
  });
}

/** The least delay at a loss, between the points that nothing beats; their end where the loss is beyond it. */
export function delayAtLoss(points: readonly Point[], concealedRatio: number): number {
  const frontier = frontierOf(points);
  const above = frontier.findIndex((point) => point.concealedRatio >= concealedRatio);
  const right = frontier[above];
  const left = frontier[above - 1];
  if (!right) return frontier.at(-1)?.meanDelayMs ?? Number.NaN;
  if (!left) return right.meanDelayMs;
  const share = (concealedRatio - left.concealedRatio) / (right.concealedRatio - left.concealedRatio || 1);
  return left.meanDelayMs + share * (right.meanDelayMs - left.meanDelayMs);
}

/**
 * Dynamic programming over the delay of each packet: it is played where it has come by then, or concealed; the delay changes
 * from packet to packet as far as stretching allows, and grows beyond that where time is made up. The sum of delays and of
 * priced concealment is least.
 */
function optimumAt({ delays }: Trace, minDelayMs: number, price: number): Point {
  const longest = delays.reduce((a, b) => (b > a ? b : a), 0);
  const states = Math.ceil(Math.max(0, longest - minDelayMs) / STEP_MS) + 2;
  let before = new Plan(states, minDelayMs);
  let after = new Plan(states, minDelayMs);
  for (let packet = 0; packet < delays.length; packet += 1) {
    const limitMs = isSilentAt(Math.max(0, packet - 1) * FRAME_MS) ? FRAME_MS : SPEECH_STRETCH_MS;
    after.stepFrom(before, packet === 0 ? states : limitMs / STEP_MS, price);
    after.play(delays[packet] ?? Number.NaN, price);
    [before, after] = [after, before];
  }
  return before.best(delays.length);
}

/** For each delay the best way to have it now: its cost, and what that is made of. */
class Plan {
  readonly #minDelayMs: number;
  readonly #cost: Float64Array;
  readonly #delaySum: Float64Array;
  readonly #played: Float64Array;
  readonly #concealedMs: Float64Array;

  constructor(states: number, minDelayMs: number) {
    this.#minDelayMs = minDelayMs;
    this.#cost = new Float64Array(states);
    this.#delaySum = new Float64Array(states);
    this.#played = new Float64Array(states);
    this.#concealedMs = new Float64Array(states);
  }

  /** @param reach - states that stretching moves at most */
  stepFrom(from: Plan, reach: number, price: number): void {
    for (let state = 0; state < this.#cost.length; state += 1) {
      let best = state;
      const end = Math.min(this.#cost.length - 1, state + reach);
      for (let other = Math.max(0, state - reach); other <= end; other += 1) {
        if ((from.#cost[other] ?? 0) < (from.#cost[best] ?? 0)) best = other;
      }
      this.#copy(state, from, best, 0, price);
      const waited = (this.#cost[state - 1] ?? Number.POSITIVE_INFINITY) + price * STEP_MS;
      if (waited < (this.#cost[state] ?? 0)) this.#copy(state, this, state - 1, STEP_MS, price);
    }
  }

  play(arrival: number, price: number): void {
    for (let state = 0; state < this.#cost.length; state += 1) {
      const delayMs = this.#minDelayMs + state * STEP_MS;
      const isPlayed = delayMs >= arrival;
      this.#add(this.#cost, state, isPlayed ? delayMs : price * FRAME_MS);
      this.#add(this.#delaySum, state, isPlayed ? delayMs : 0);
      this.#add(this.#played, state, isPlayed ? 1 : 0);
      this.#add(this.#concealedMs, state, isPlayed ? 0 : FRAME_MS);
    }
  }

  best(packets: number): Point {
    let best = 0;
    this.#cost.forEach((cost, state) => {
      if (cost < (this.#cost[best] ?? 0)) best = state;
    });
    return {
      meanDelayMs: (this.#delaySum[best] ?? 0) / (this.#played[best] ?? 1),
      concealedRatio: (this.#concealedMs[best] ?? 0) / (packets * FRAME_MS),
    };
  }

  #copy(state: number, from: Plan, other: number, waitedMs: number, price: number): void {
    this.#cost[state] = (from.#cost[other] ?? 0) + price * waitedMs;
    this.#delaySum[state] = from.#delaySum[other] ?? 0;
    this.#played[state] = from.#played[other] ?? 0;
    this.#concealedMs[state] = (from.#concealedMs[other] ?? 0) + waitedMs;
  }

  #add(values: Float64Array, state: number, amount: number): void {
    values[state] = (values[state] ?? 0) + amount;
  }
}
