// Sound where the clock says that it belongs: what brings beats onto the time line of a file.
import { RECORDING_RATE_HZ, type TrackFile } from './track-file.ts';

/** A beat that is off by less goes on where the last one ended, so that nothing clicks; and nothing is off by more. */
const TOLERANCE = RECORDING_RATE_HZ / 100;

/** One file of a recording. */
export class PlacedTrack {
  readonly #file: TrackFile;
  readonly #channels: 1 | 2;
  /** Where the next sound is expected, in sample frames. */
  #cursor = 0;
  #flushedAt = 0;
  #hasNew = false;
  #isEnded = false;

  constructor(file: TrackFile, channels: 1 | 2) {
    this.#file = file;
    this.#channels = channels;
  }

  get path(): string {
    return this.#file.path;
  }

  async prepare(): Promise<void> {
    await this.#file.prepare?.();
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /**
   * @param position - in sample frames, with a fraction, by the clock; what lies before the end of what came last, or
   *   before the beginning of the recording, is left out
   */
  write(position: number, pcm: Int16Array): void {
    if (this.#isEnded) return;
    const placed = Math.round(position);
    const wanted = Math.abs(placed - this.#cursor) <= TOLERANCE ? this.#cursor : placed;
    const at = Math.max(this.#cursor, wanted);
    const sound = pcm.subarray((at - wanted) * this.#channels);
    if (sound.length === 0) return;
    this.#cursor = at + sound.length / this.#channels;
    if (isSilent(sound)) return;
    this.#hasNew = true;
    this.#file.write(at, sound);
  }

  /** @param leastFrames - so much must have passed since the last flush where there was nothing but silence */
  flush(position: number, leastFrames: number): void {
    if (this.#isEnded) return;
    if (!this.#hasNew && position - this.#flushedAt < leastFrames) return;
    this.#hasNew = false;
    this.#cursor = Math.max(this.#cursor, position);
    this.#flushedAt = position;
    this.#file.flush(position);
  }

  end(position: number): Promise<void> {
    this.#isEnded = true;
    return this.#file.end(Math.max(position, this.#cursor));
  }
}

function isSilent(pcm: Int16Array): boolean {
  for (const sample of pcm) if (sample !== 0) return false;
  return true;
}
