// Decoded sound between the decoder and whoever plays it, with the recent past before it.
import { remix, resample } from '../audio/index.ts';
import { STRETCH_HISTORY_MS, TimeStretcher } from '../stretch/index.ts';
import { smoothJoint } from './joint.ts';

/** Room at first: the past, and a few packets. It grows where packets are longer. */
const INITIAL_MS = 200;
/** Over how long a step between two pieces is levelled out. */
const JOINT_MS = 2.5;

/** One stream of one rate. Counts are in sample frames: one sample of each channel. */
export class SoundQueue {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly #stretcher: TimeStretcher;
  readonly #historyFrames: number;
  /** What was read, at least {@link STRETCH_HISTORY_MS} of it, then what is to be read. */
  #samples: Int16Array;
  #readAt = 0;
  #end = 0;
  #lastLength = 0;

  constructor(sampleRateHz: number, channels: 1 | 2) {
    this.sampleRateHz = sampleRateHz;
    this.channels = channels;
    this.#stretcher = new TimeStretcher(sampleRateHz, channels);
    this.#historyFrames = this.framesOf(STRETCH_HISTORY_MS);
    this.#samples = new Int16Array(this.framesOf(INITIAL_MS) * channels);
  }

  /** What is to be read. */
  get length(): number {
    return this.#end - this.#readAt;
  }

  get lengthMs(): number {
    return (this.length * 1000) / this.sampleRateHz;
  }

  framesOf(durationMs: number): number {
    return Math.round((durationMs * this.sampleRateHz) / 1000);
  }

  /** @param pcm - interleaved; copied */
  append(pcm: Int16Array): void {
    const length = Math.floor(pcm.length / this.channels);
    this.#makeRoom(length);
    this.#samples.set(pcm, this.#end * this.channels);
    this.#end += length;
    this.#lastLength = length;
  }

  /** Levels out a step where the piece appended last begins, so that it does not click. */
  smoothLast(): void {
    const at = this.#end - this.#lastLength;
    smoothJoint(this.#samples.subarray(0, this.#end * this.channels), at, {
      channels: this.channels,
      reach: this.framesOf(JOINT_MS),
    });
  }

  /**
   * Makes the piece appended last longer or, negative, shorter.
   *
   * @returns by how many frames it was: at most `wanted`
   */
  stretchLast(wanted: number, isSilent: boolean): number {
    this.#makeRoom(this.#lastLength);
    const frame = { start: this.#end - this.#lastLength, end: this.#end, isSilent };
    const added = this.#stretcher.stretch(this.#samples, wanted, frame);
    this.#end += added;
    this.#lastLength += added;
    return added;
  }

  /** Moves what comes next into `pcm`, which it must suffice for. */
  read(pcm: Int16Array): void {
    const start = this.#readAt * this.channels;
    pcm.set(this.#samples.subarray(start, start + pcm.length));
    this.#readAt += pcm.length / this.channels;
  }

  /** Leaves out what is to be read. */
  clear(): void {
    this.#readAt = this.#end;
    this.#lastLength = 0;
  }

  /** @returns a queue of another rate or other channels, with what this one has to be read */
  convert(sampleRateHz: number, channels: 1 | 2): SoundQueue {
    const pcm = new Int16Array(this.length * this.channels);
    this.read(pcm);
    const mono = resample(remix(pcm, this.channels, 1), this.sampleRateHz, sampleRateHz);
    const queue = new SoundQueue(sampleRateHz, channels);
    queue.append(remix(mono, 1, channels));
    return queue;
  }

  #makeRoom(frames: number): void {
    const capacity = this.#samples.length / this.channels;
    if (this.#end + frames <= capacity) return;
    const kept = Math.max(0, this.#readAt - this.#historyFrames);
    const length = this.#end - kept;
    const from = this.#samples;
    if (length + frames > capacity) this.#samples = new Int16Array(2 * (length + frames) * this.channels);
    this.#samples.set(from.subarray(kept * this.channels, this.#end * this.channels));
    this.#readAt -= kept;
    this.#end = length;
  }
}
