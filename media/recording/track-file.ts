// What a recording writes sound into, whatever the format.

/** Rate of every file of a recording: that of rooms, and of Opus. Legs of other rates are brought to it. */
export const RECORDING_RATE_HZ = 48_000;

/** One file of sound on the time line of its recording. Positions are sample frames since the recording began. */
export interface TrackFile {
  readonly path: string;
  /** Does what the first sound would wait for. Resolves when it is done, or cannot be. */
  prepare?(): Promise<void>;
  /**
   * Takes sound that begins at `position`, which is never before the end of what it took last. What lies between is
   * silence, and costs next to nothing.
   *
   * @param pcm - interleaved; still the caller's after the call
   */
  write(position: number, pcm: Int16Array): void;
  /** Hands to the disk what there is; up to `position` nothing else will come. */
  flush(position: number): void;
  /** The file ends there. Resolves when the last of it was handed to the disk. */
  end(position: number): Promise<void>;
  /** Gives back what it uses, however it ended: nothing more is written. */
  release?(): void;
}
