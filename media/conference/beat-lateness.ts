// How late the mixes of a room left, in a few counters.

/** Width of one counter. */
export const LATENESS_STEP_MS = 0.25;
const MOST_MS = 20;
const STEPS = MOST_MS / LATENESS_STEP_MS;

/** Beats by how late they were, each counter {@link LATENESS_STEP_MS} wide, the last without an end. */
export interface BeatLateness {
  /** From the time of a beat until its work began. */
  readonly begun: readonly number[];
  /** Until its packets had left; of a large room the first portion, for others follow by plan. */
  readonly left: readonly number[];
}

export class BeatLatenessCounts {
  readonly #begun = new Uint32Array(STEPS + 1);
  readonly #left = new Uint32Array(STEPS + 1);

  /** One beat, in milliseconds after its time. */
  note(begunMs: number, leftMs: number): void {
    count(this.#begun, begunMs);
    count(this.#left, leftMs);
  }

  report(): BeatLateness {
    return { begun: [...this.#begun], left: [...this.#left] };
  }
}

function count(counts: Uint32Array, lateMs: number): void {
  const step = Math.min(STEPS, Math.max(0, Math.floor(lateMs / LATENESS_STEP_MS)));
  // Within the array by the bounds above.
  counts[step]! += 1;
}
