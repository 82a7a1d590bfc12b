// Sends back what is heard.
import type { AudioSink, AudioSource } from '../../media/index.ts';

/** Two seconds at 48 kHz: more delay than that is no echo test any more. */
const LONGEST_BACKLOG_SAMPLES = 96_000;

/** A sink whose sound comes out again as a source. */
export class Echo implements AudioSink, AudioSource {
  readonly sampleRateHz: number;
  readonly isEnded = false;
  #frames: Int16Array[] = [];
  #length = 0;

  constructor(sampleRateHz = 48_000) {
    this.sampleRateHz = sampleRateHz;
  }

  write(pcm: Int16Array): void {
    if (this.#length + pcm.length > LONGEST_BACKLOG_SAMPLES) return;
    this.#frames.push(pcm.slice());
    this.#length += pcm.length;
  }

  read(pcm: Int16Array): void {
    let filled = 0;
    while (filled < pcm.length) {
      const frame = this.#frames[0];
      if (!frame) break;
      const part = frame.subarray(0, pcm.length - filled);
      pcm.set(part, filled);
      filled += part.length;
      if (part.length === frame.length) this.#frames.shift();
      else this.#frames[0] = frame.subarray(part.length);
    }
    this.#length -= filled;
    pcm.fill(0, filled);
  }

  async close(): Promise<void> {
    this.#frames = [];
    this.#length = 0;
  }
}
