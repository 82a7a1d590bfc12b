// Sound as payloads of one format: made as it is first heard, then played to everybody from memory.
import type { AudioSource } from '../audio/index.ts';
import { remix } from '../audio/remix.ts';
import type { Codec } from '../codec/index.ts';

/** Payloads of equal length, in order. */
export interface Payloads {
  readonly frameMs: number;
  /** What is held in memory. */
  readonly sizeBytes: number;
  /** @returns undefined behind the end; empty where there is nothing to send (DTX) */
  payloadAt(index: number): Uint8Array | undefined;
  close(): void;
}

export interface EncodedSoundOptions {
  /** At the rate of the codec. */
  readonly source: AudioSource;
  readonly codec: Codec;
  readonly frameMs: number;
  /** Closes what was opened for it. */
  onClose(): void;
}

/** Encodes a frame when its time comes: a long file never holds up the calls of its thread. */
export class EncodedSound implements Payloads {
  readonly frameMs: number;
  readonly #source: AudioSource;
  readonly #codec: Codec;
  readonly #onClose: () => void;
  readonly #frame: Int16Array;
  readonly #payloads: Uint8Array[] = [];
  #sizeBytes = 0;

  constructor({ source, codec, frameMs, onClose }: EncodedSoundOptions) {
    this.#onClose = onClose;
    this.frameMs = frameMs;
    this.#source = source;
    this.#codec = codec;
    this.#frame = new Int16Array((codec.description.sampleRateHz * frameMs) / 1000);
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  payloadAt(index: number): Uint8Array | undefined {
    while (index >= this.#payloads.length && !this.#source.isEnded) this.#encodeNext();
    return this.#payloads[index];
  }

  close(): void {
    this.#onClose();
  }

  #encodeNext(): void {
    this.#source.read(this.#frame);
    const { soundChannels = 1 } = this.#codec.description;
    const payload = this.#codec.encode(remix(this.#frame, 1, soundChannels)).slice();
    this.#sizeBytes += payload.length;
    this.#payloads.push(payload);
  }
}

/** Payloads that were encoded elsewhere. */
export class ReadyPayloads implements Payloads {
  readonly frameMs: number;
  readonly sizeBytes: number;
  readonly #payloads: readonly Uint8Array[];

  constructor(payloads: readonly Uint8Array[], frameMs: number) {
    this.frameMs = frameMs;
    this.#payloads = payloads;
    this.sizeBytes = payloads.reduce((sum, { length }) => sum + length, 0);
  }

  payloadAt(index: number): Uint8Array | undefined {
    return this.#payloads[index];
  }

  close(): void {}
}
