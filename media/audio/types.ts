// Where sound comes from and where it goes.

/** Sound in memory. */
export interface Sound {
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Interleaved `[frame][channel]`. */
  readonly pcm: Int16Array;
}

/** Gives sound, as much as is asked for. */
export interface AudioSource {
  readonly sampleRateHz: number;
  /** Interleaved; mono where not given. */
  readonly channels?: 1 | 2;
  /** Whether everything was given; silence follows. */
  readonly isEnded: boolean;
  /** Fills the caller's buffer with what comes next. */
  read(pcm: Int16Array): void;
}

/** Takes sound. Whoever made it closes it. */
export interface AudioSink {
  readonly sampleRateHz: number;
  /** Interleaved; mono where not given. */
  readonly channels?: 1 | 2;
  /** @param pcm - still the caller's after the call */
  write(pcm: Int16Array): void;
  /** Resolves when everything is where it belongs. */
  close(): Promise<void>;
}
