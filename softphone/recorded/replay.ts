// Plays a sound to its end on a sink, in real time.
import type { Runtime } from '../../core/index.ts';
import type { AudioSink, AudioSource } from '../../media/index.ts';
import { atRate, remix } from '../../media/index.ts';
import { Beat } from '../beat.ts';

const BEAT_MS = 20;
/** A clock for who only watches. */
const WATCH_RATE_HZ = 8000;

export interface ReplayOptions {
  readonly runtime: Runtime;
  readonly source: AudioSource;
  /** Undefined: time passes, and nothing is heard. */
  readonly sink: AudioSink | undefined;
  readonly signal: AbortSignal;
  /** Told of each beat: so much was played. */
  onProgress(playedMs: number): void;
}

/** Resolves when all was played, or the signal aborted. */
export function replay(options: ReplayOptions): Promise<void> {
  const { runtime, sink, signal } = options;
  const rateHz = sink?.sampleRateHz ?? WATCH_RATE_HZ;
  const source = atRate(options.source, rateHz);
  const channels = source.channels ?? 1;
  const read = new Int16Array(((rateHz * BEAT_MS) / 1000) * channels);
  let beats = 0;
  return new Promise((resolve) => {
    const end = () => {
      beat.stop();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const beat = new Beat(runtime, {
      periodMs: BEAT_MS,
      onBeat: () => {
        if (options.source.isEnded) return end();
        source.read(read);
        sink?.write(remix(read, channels, sink.channels ?? 1));
        beats += 1;
        options.onProgress(beats * BEAT_MS);
      },
    });
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    else beat.start();
  });
}
