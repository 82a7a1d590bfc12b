// A WAV file that opens at any moment: sound first, then a header that tells of it. Silence is a hole in the file.
import { encodeLongWavHeader, encodePcm, LONG_WAV_HEADER_BYTES } from '../audio/index.ts';
import { RECORDING_RATE_HZ, type TrackFile } from './track-file.ts';
import type { QueuedFile } from './write-queue.ts';

/** A shorter hole is written as zeros, in one piece with what is around it. */
const SHORTEST_HOLE = RECORDING_RATE_HZ / 10;

export class WavTrack implements TrackFile {
  readonly #file: QueuedFile;
  readonly #channels: 1 | 2;
  /** Sound that is not on its way to the disk yet, and where it begins. */
  #pending: Int16Array[] = [];
  #pendingAt = 0;
  #end = 0;
  /** What the header tells of. */
  #toldFrames = 0;

  constructor(file: QueuedFile, channels: 1 | 2) {
    this.#file = file;
    this.#channels = channels;
    file.write(this.#header(), 0);
  }

  get path(): string {
    return this.#file.path;
  }

  write(position: number, pcm: Int16Array): void {
    const hole = position - this.#end;
    if (hole > SHORTEST_HOLE || this.#pending.length === 0) {
      this.#submit();
      this.#pendingAt = position;
    } else if (hole > 0) {
      this.#pending.push(new Int16Array(hole * this.#channels));
    }
    this.#pending.push(pcm.slice());
    this.#end = position + pcm.length / this.#channels;
  }

  flush(position: number): void {
    this.#submit();
    if (position > this.#end) {
      this.#end = position;
      // The last sample of a silence: a file that is shorter than its header says is taken for broken.
      this.#file.write(new Uint8Array(2 * this.#channels), this.#offsetOf(position - 1));
    }
    if (this.#end === this.#toldFrames) return;
    this.#toldFrames = this.#end;
    this.#file.write(this.#header(), 0);
  }

  async end(position: number): Promise<void> {
    this.flush(position);
  }

  #submit(): void {
    if (this.#pending.length === 0) return;
    const frames = this.#pending.map(encodePcm);
    const bytes = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const frame of frames) {
      bytes.set(frame, at);
      at += frame.length;
    }
    this.#file.write(bytes, this.#offsetOf(this.#pendingAt));
    this.#pending = [];
  }

  #offsetOf(position: number): number {
    return LONG_WAV_HEADER_BYTES + 2 * this.#channels * position;
  }

  #header(): Uint8Array {
    const format = { sampleRateHz: RECORDING_RATE_HZ, channels: this.#channels };
    return encodeLongWavHeader(format, 2 * this.#channels * this.#toldFrames);
  }
}
