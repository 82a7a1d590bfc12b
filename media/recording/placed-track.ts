// One file of a recording, whose sound never goes back in time.
import type { TrackFile } from './track-file.ts';

/** Knows what was written, and whether it was anything. */
export class PlacedTrack {
  readonly #file: TrackFile;
  readonly #channels: 1 | 2;
  /** Before this there is sound, or silence that will stay, in sample frames. */
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

  /** Where its last sound ends, or the silence behind it that was flushed. */
  get length(): number {
    return this.#cursor;
  }

  /**
   * @param position - in sample frames; what lies before the end of what came last, or before the beginning of the
   *   recording, is left out
   */
  write(position: number, pcm: Int16Array): void {
    if (this.#isEnded) return;
    const at = Math.max(this.#cursor, position);
    const sound = pcm.subarray((at - position) * this.#channels);
    if (sound.length === 0 || isSilent(sound)) return;
    this.#cursor = at + sound.length / this.#channels;
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

  /** Gives back what it uses, however it ended. */
  release(): void {
    this.#isEnded = true;
    this.#file.release?.();
  }
}

function isSilent(pcm: Int16Array): boolean {
  for (const sample of pcm) if (sample !== 0) return false;
  return true;
}
