// How long a flow may be silent before its mapping is at risk: from caution, through measurement, and back at every loss.
import type { Random } from '../../core/index.ts';

/** RFC 5626 §4.4.2: where nothing is known of the NAT, UDP is kept alive every 24 to 29 s. */
export const UDP_KEEP_ALIVE_MS = 29_000;
/** RFC 5626 §4.4.1: and TCP every 95 to 120 s. */
export const TCP_KEEP_ALIVE_MS = 120_000;

/** No NAT in use forgets sooner, and no phone shall send more often. */
export const SHORTEST_KEEP_ALIVE_MS = 10_000;
export const LONGEST_KEEP_ALIVE_MS = 900_000;

/** Each time another part of the interval, so that many phones that started together part: 24 of 29 s at the least. */
const LEAST_SHARE = 24 / 29;
/** Of the age at which a mapping was seen alive: NATs count in steps, and are shorter when they are full. */
const TRUSTED_SHARE = 0.75;

export interface KeepAliveIntervalOptions {
  readonly random: Random;
  /** {@link UDP_KEEP_ALIVE_MS} where not given. */
  readonly startMs?: number;
}

/** Measurements are made with other mappings than the flow's own, which never has to prove how long it can be silent. */
export class KeepAliveInterval {
  readonly #random: Random;
  #longestMs: number;
  /** A flow was lost at such a silence: no measurement of before counts any more. */
  #losses = 0;

  constructor({ random, startMs = UDP_KEEP_ALIVE_MS }: KeepAliveIntervalOptions) {
    this.#random = random;
    this.#longestMs = startMs;
  }

  /** The longest silence that is risked, in milliseconds. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** How often a flow was lost so far: to be handed back with what was measured meanwhile. */
  get losses(): number {
    return this.#losses;
  }

  /** @returns milliseconds until the next keep-alive, drawn anew each time */
  nextDelayMs(): number {
    return this.#longestMs * (LEAST_SHARE + (1 - LEAST_SHARE) * this.#random.float());
  }

  /**
   * A mapping that nobody depended on lived through such a silence.
   *
   * @param sinceLosses - {@link KeepAliveInterval.losses} when the measurement began: one that a loss has overtaken
   *   promised too much
   */
  handleMeasured(aliveMs: number, sinceLosses: number): void {
    if (sinceLosses === this.#losses) this.#longestMs = bounded(aliveMs * TRUSTED_SHARE);
  }

  /** The flow was silent for no longer than it may be, and is gone all the same. */
  handleLost(): void {
    this.#losses += 1;
    this.#longestMs = bounded(this.#longestMs / 2);
  }
}

function bounded(milliseconds: number): number {
  return Math.min(LONGEST_KEEP_ALIVE_MS, Math.max(SHORTEST_KEEP_ALIVE_MS, milliseconds));
}
