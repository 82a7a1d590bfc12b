// Beats that come a little early or late are still one after the other: what keeps sound without a seam.
import { RECORDING_RATE_HZ } from './track-file.ts';

/** What is off by more than this is where the clock says, seam or not. */
const TOLERANCE = RECORDING_RATE_HZ / 100;

/** Places the beats of one recording, for all of its files alike. */
export class BeatGrid {
  #last: number | undefined;

  /**
   * @param position - of a beat by the clock, in sample frames
   * @param frames - length of a beat
   * @returns whole frames: a whole number of beats behind the last one, where that is near
   */
  place(position: number, frames: number): number {
    const last = this.#last;
    const onGrid = last === undefined ? position : last + Math.round((position - last) / frames) * frames;
    const placed = Math.round(Math.abs(position - onGrid) <= TOLERANCE ? onGrid : position);
    this.#last = placed;
    return placed;
  }
}
