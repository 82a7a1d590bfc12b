// An Ogg Opus file that is readable up to its last page, of which there is one a flush. Silence is not encoded.
import { messageOf } from '../../core/index.ts';
import type { Codec } from '../codec/index.ts';
import { OggOpusPages, OPUS_PRE_SKIP } from './ogg-opus-pages.ts';
import { RECORDING_RATE_HZ, type TrackFile } from './track-file.ts';
import type { QueuedFile } from './write-queue.ts';

/** 20 ms, as calls have them. */
const FRAME = RECORDING_RATE_HZ / 50;
/** Silence that the encoder still gets, so that a voice dies away in it, in frames. */
const HANGOVER = 10;
/**
 * 20 ms of full-band CELT whose flag says silence (RFC 6716 §4.3), mono and stereo: exact zeros, and no encoder's work.
 */
const SILENCE = {
  1: Uint8Array.of(0xf8, 0xff, 0xfe),
  2: Uint8Array.of(0xfc, 0xff, 0xfe),
} as const;
/** The same for 120 ms in one packet, for long silences: six frames of one size (RFC 6716 §3.2.5). */
const LONG_SILENCE_FRAMES = 6;
const LONG_SILENCE = {
  1: Uint8Array.of(0xfb, LONG_SILENCE_FRAMES, ...new Array(LONG_SILENCE_FRAMES).fill([0xff, 0xfe]).flat()),
  2: Uint8Array.of(0xff, LONG_SILENCE_FRAMES, ...new Array(LONG_SILENCE_FRAMES).fill([0xff, 0xfe]).flat()),
} as const;
/** Frames that wait for an encoder: ten seconds. */
const MAX_WAITING = 500;

export interface OpusTrackOptions {
  readonly file: QueuedFile;
  readonly channels: 1 | 2;
  readonly serialNumber: number;
  readonly title: string;
  /** Called when there is something to encode; undefined where there is no encoder. The codec is the track's. */
  makeEncoder(): Promise<Codec | undefined>;
  onFailed(reason: string): void;
}

export class OpusTrack implements TrackFile {
  readonly #options: OpusTrackOptions;
  readonly #pages: OggOpusPages;
  readonly #frame: Int16Array;
  /** Samples of the frame that is being filled, of each channel. */
  #filled = 0;
  /** Where that frame begins. */
  #frameAt = 0;
  #isFrameSilent = true;
  #silentFrames = HANGOVER;
  /** Frames in order, while their encoder is being made; undefined is silence. */
  #waiting: (Int16Array | undefined)[] = [];
  #encoder: Codec | undefined;
  #making: Promise<void> | undefined;
  #isEnded = false;
  #isReleased = false;

  constructor(options: OpusTrackOptions) {
    this.#options = options;
    const { channels, serialNumber, title } = options;
    this.#pages = new OggOpusPages({ serialNumber, channels, comments: [`TITLE=${title}`] });
    this.#frame = new Int16Array(FRAME * channels);
    this.#append(this.#pages.head());
  }

  get path(): string {
    return this.#options.file.path;
  }

  /** Makes the encoder now. Resolves when it is there, or cannot be had. */
  prepare(): Promise<void> {
    this.#making ??= this.#make().catch((error: unknown) => this.#options.onFailed(messageOf(error)));
    return this.#making;
  }

  write(position: number, pcm: Int16Array): void {
    const { channels } = this.#options;
    this.#skipTo(position);
    this.#isFrameSilent = false;
    for (let at = 0; at < pcm.length; ) {
      const part = pcm.subarray(at, at + (FRAME - this.#filled) * channels);
      this.#frame.set(part, this.#filled * channels);
      this.#filled += part.length / channels;
      at += part.length;
      if (this.#filled === FRAME) {
        this.#takeFrame();
        this.#isFrameSilent = at >= pcm.length;
      }
    }
  }

  flush(position: number): void {
    this.#skipTo(position);
    this.#append(this.#pages.flush());
  }

  async end(position: number): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#skipTo(position);
    // What the encoder looked ahead at comes out with the frame after it.
    this.#skipTo((Math.floor((position + OPUS_PRE_SKIP) / FRAME) + 1) * FRAME);
    if (this.#waiting.length > 0) await this.prepare();
    this.#options.file.append(this.#pages.end(position));
    this.release();
  }

  release(): void {
    this.#isReleased = true;
    this.#waiting = [];
    this.#encoder?.close();
    this.#encoder = undefined;
  }

  #skipTo(position: number): void {
    const { channels } = this.#options;
    while (this.#frameAt + this.#filled < position) {
      if (this.#skipFar(position)) continue;
      const count = Math.min(FRAME - this.#filled, position - this.#frameAt - this.#filled);
      this.#frame.fill(0, this.#filled * channels, (this.#filled + count) * channels);
      this.#filled += count;
      if (this.#filled === FRAME) this.#takeFrame();
    }
  }

  /** Members who come late have hours of silence in front. */
  #skipFar(position: number): boolean {
    const length = LONG_SILENCE_FRAMES * FRAME;
    const isQuiet = this.#filled === 0 && this.#waiting.length === 0 && this.#silentFrames >= HANGOVER;
    const count = Math.floor((position - this.#frameAt) / length);
    if (!isQuiet || count <= 0) return false;
    this.#frameAt += count * length;
    this.#append(this.#pages.addRepeated(LONG_SILENCE[this.#options.channels], length, count));
    return true;
  }

  #takeFrame(): void {
    this.#silentFrames = this.#isFrameSilent ? this.#silentFrames + 1 : 0;
    this.#frameAt += FRAME;
    this.#filled = 0;
    this.#isFrameSilent = true;
    const frame = this.#silentFrames > HANGOVER ? undefined : this.#frame;
    if (this.#waiting.length === 0 && (this.#encoder || !frame)) return this.#add(frame);
    if (this.#waiting.length >= MAX_WAITING) return this.#options.onFailed('no encoder of Opus came in time');
    this.#waiting.push(frame?.slice());
    void this.prepare();
  }

  async #make(): Promise<void> {
    const encoder = await this.#options.makeEncoder();
    if (this.#isReleased) return encoder?.close();
    this.#encoder = encoder;
    if (!encoder) return this.#options.onFailed('Opus cannot be encoded here; record as WAV');
    for (const frame of this.#waiting) this.#add(frame);
    this.#waiting = [];
  }

  #add(frame: Int16Array | undefined): void {
    const silence = SILENCE[this.#options.channels];
    const packet = frame ? this.#encoder?.encode(frame) : silence;
    this.#append(this.#pages.add(packet && packet.length > 0 ? packet.slice() : silence, FRAME));
  }

  #append(pages: readonly Uint8Array[]): void {
    for (const page of pages) this.#options.file.append(page);
  }
}
