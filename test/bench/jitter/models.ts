// The buffers beside ours: a fixed delay, and the well-known rule.
import type { JitterFrame, PlayoutStep } from '../../../media/jitter/index.ts';
import type { Contestant } from './replay.ts';
import { FRAME_MS } from './trace.ts';

const WAIT_MS = 10;
const WAIT: PlayoutStep = { type: 'wait', durationMs: WAIT_MS };
const NOTHING: PlayoutStep = { type: 'nothing' };

/** Plays each packet a fixed time after the earliest moment at which it could have come; what is later is lost. */
export class FixedBuffer implements Contestant {
  readonly #waiting = new Map<number, JitterFrame>();
  readonly #delayMs: number;
  #next = 0;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  push(_now: number, frame: JitterFrame): void {
    if (!frame.isRedundant) this.#waiting.set(frame.extendedSequenceNumber, frame);
  }

  pull(now: number, { readyMs }: { readonly readyMs: number }): PlayoutStep {
    if (now + readyMs < this.#next * FRAME_MS + this.#delayMs) return NOTHING;
    const packet = this.#waiting.get(this.#next);
    this.#next += 1;
    return packet ? { type: 'frame', packet, stretchMs: 0 } : { type: 'lost', durationMs: FRAME_MS };
  }

  handleStretched(): void {}
}

export interface RuleOptions {
  /** Share of packets that shall come in time. */
  readonly percentile?: number;
}

const STEP_MS = 20;
const STEPS = 100;
const FORGETTING = 0.983;
const START_MS = 80;
/** The fastest packet of this time is what the others are compared with. */
const HISTORY_PACKETS = 100;

/**
 * The well-known rule: a percentile of relative delay in steps of 20 ms, forgotten by a factor a packet. A packet that is
 * missing is waited for, which makes the delay grow; too much of it is taken back by stretching, under the receiver's limits.
 */
export class RuleBuffer implements Contestant {
  readonly #percentile: number;
  readonly #shares = new Float64Array(STEPS);
  readonly #history = new Float64Array(HISTORY_PACKETS).fill(Number.POSITIVE_INFINITY);
  readonly #waiting = new Map<number, JitterFrame>();
  #count = 0;
  #targetMs = START_MS;
  #next = -1;

  constructor({ percentile = 0.95 }: RuleOptions = {}) {
    this.#percentile = percentile;
    this.#shares[START_MS / STEP_MS - 1] = 1;
  }

  push(_now: number, frame: JitterFrame): void {
    if (frame.isRedundant) return;
    this.#waiting.set(frame.extendedSequenceNumber, frame);
    const transit = frame.arrivedAt - frame.extendedSequenceNumber * FRAME_MS;
    this.#history[this.#count % HISTORY_PACKETS] = transit;
    this.#count += 1;
    this.#learn(transit - this.#leastTransit());
  }

  pull(now: number, { readyMs }: { readonly readyMs: number }): PlayoutStep {
    const playAt = now + readyMs;
    if (this.#next < 0) {
      if (!this.#waiting.has(0) || playAt < this.#leastTransit() + this.#targetMs) return NOTHING;
      this.#next = 0;
    }
    const packet = this.#waiting.get(this.#next);
    if (!packet) return WAIT;
    this.#waiting.delete(this.#next);
    this.#next += 1;
    const delayMs = playAt - packet.extendedSequenceNumber * FRAME_MS - this.#leastTransit();
    return { type: 'frame', packet, stretchMs: this.#stretchFor(delayMs) };
  }

  handleStretched(): void {}

  #learn(relativeMs: number): void {
    const step = Math.min(STEPS - 1, Math.floor(relativeMs / STEP_MS));
    // A start of equal weights makes way sooner: the first packets count for more.
    const forgetting = Math.min(FORGETTING, 1 - 1 / (this.#count + 1));
    let sum = 0;
    for (let index = 0; index < STEPS; index += 1) {
      this.#shares[index] = (this.#shares[index] ?? 0) * forgetting + (index === step ? 1 - forgetting : 0);
    }
    for (let index = 0; index < STEPS; index += 1) {
      sum += this.#shares[index] ?? 0;
      if (sum < this.#percentile) continue;
      this.#targetMs = (index + 1) * STEP_MS;
      return;
    }
  }

  #leastTransit(): number {
    return this.#history.reduce((a, b) => Math.min(a, b));
  }

  /** Stretched below three quarters of the target, compressed a step above that, and never a frame away for nothing. */
  #stretchFor(delayMs: number): number {
    const low = (this.#targetMs * 3) / 4;
    const high = Math.max(this.#targetMs, low + STEP_MS);
    return delayMs < low || delayMs >= high ? this.#targetMs - delayMs : 0;
  }
}
