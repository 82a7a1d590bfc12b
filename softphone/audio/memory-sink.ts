// Keeps what a call heard, for tests and for programs that look at the sound themselves.
import type { AudioSink } from '../../media/index.ts';

/** Grows with the call: for short ones. */
export class MemorySink implements AudioSink {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly #frames: Int16Array[] = [];
  isClosed = false;

  constructor(sampleRateHz: number, channels: 1 | 2 = 1) {
    this.sampleRateHz = sampleRateHz;
    this.channels = channels;
  }

  write(pcm: Int16Array): void {
    this.#frames.push(pcm.slice());
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  /** Everything so far, in one piece. */
  get pcm(): Int16Array {
    const pcm = new Int16Array(this.#frames.reduce((length, frame) => length + frame.length, 0));
    let at = 0;
    for (const frame of this.#frames) {
      pcm.set(frame, at);
      at += frame.length;
    }
    return pcm;
  }
}
