// Opus by the package opusscript, through pointers of our own.
import { DecodeError } from '../../core/index.ts';
import { RepeatConcealment } from './repeat-concealment.ts';
import type { Codec, CodecDescription } from './types.ts';

/** The part of the compiled module that we use; the package has no types for it. */
interface NativeModule {
  readonly HEAPU16: Uint16Array;
  readonly HEAPU8: Uint8Array;
  readonly OpusScriptHandler: {
    new (samplingRate: number, channels: number, application: number): NativeHandler;
    destroy_handler(handler: NativeHandler): void;
  };
  _malloc(sizeBytes: number): number;
  _free(pointer: number): void;
}

interface NativeHandler {
  _encode(input: number, sampleCount: number, output: number, frameSize: number): number;
  _decode(input: number, sizeBytes: number, output: number): number;
  _encoder_ctl(request: number, value: number): number;
}

const OPUS_APPLICATION_VOIP = 2048;
const OPUS_SET_BITRATE = 4002;
const OPUS_SET_COMPLEXITY = 4010;
const LARGEST_PACKET_BYTES = 3 * 1276;
const LARGEST_PACKET_SAMPLES = 5760;
/** The native side spreads each byte of sound over 16 bits, and so needs four bytes a sample. */
const SCRATCH_BYTES_PER_SAMPLE = 4;

let native: NativeModule | undefined;

/** Loads the engine; throws where it cannot be. */
export async function loadOpusscript(): Promise<void> {
  if (native) return;
  const path: string = 'opusscript/build/opusscript_native_wasm.js';
  // Cast: a compiled module without types, whose shape the interface above states.
  const loaded = (await import(path)) as { default: () => NativeModule };
  native = loaded.default();
}

/**
 * The package's own wrapper doubles its scratch pointers and so writes outside its memory: with many calls, other
 * sound than was sent. So the compiled handler is driven directly, with buffers that are ours, and views that are
 * taken anew each time because the memory may move when it grows.
 */
export class OpusscriptCodec implements Codec {
  readonly description: CodecDescription;
  readonly #native: NativeModule;
  readonly #handler: NativeHandler;
  readonly #sound: number;
  readonly #packet: number;
  // The package offers no concealment of libopus' own.
  readonly #concealment = new RepeatConcealment();
  #closed = false;

  /** Only after {@link loadOpusscript}. */
  constructor(
    description: CodecDescription,
    options: { readonly bitrate: number; readonly complexity: number },
  ) {
    if (!native) throw new Error('opusscript is not loaded');
    this.description = description;
    this.#native = native;
    this.#handler = new native.OpusScriptHandler(description.sampleRateHz, 1, OPUS_APPLICATION_VOIP);
    this.#sound = native._malloc(LARGEST_PACKET_SAMPLES * SCRATCH_BYTES_PER_SAMPLE);
    this.#packet = native._malloc(LARGEST_PACKET_BYTES);
    this.#handler._encoder_ctl(OPUS_SET_BITRATE, options.bitrate);
    this.#handler._encoder_ctl(OPUS_SET_COMPLEXITY, options.complexity);
  }

  encode(pcm: Int16Array): Uint8Array {
    const scratch = this.#native.HEAPU16.subarray(this.#sound >> 1);
    for (let i = 0; i < pcm.length; i += 1) {
      const sample = pcm[i] ?? 0;
      scratch[2 * i] = sample & 0xff;
      scratch[2 * i + 1] = (sample >> 8) & 0xff;
    }
    const length = this.#handler._encode(this.#sound, pcm.length, this.#packet, pcm.length);
    if (length < 0) throw new Error(`libopus refused to encode ${pcm.length} samples (${length})`);
    return this.#native.HEAPU8.slice(this.#packet, this.#packet + length);
  }

  decode(payload: Uint8Array): Int16Array | DecodeError {
    if (payload.length === 0) return new DecodeError('OPUS_EMPTY', 'payload', 'the packet is empty');
    if (payload.length > LARGEST_PACKET_BYTES) {
      return new DecodeError('OPUS_TOO_LONG', 'payload', `the packet has ${payload.length} bytes`);
    }
    this.#native.HEAPU8.set(payload, this.#packet);
    const length = this.#handler._decode(this.#packet, payload.length, this.#sound);
    if (length < 0) return new DecodeError('OPUS_CORRUPT', 'payload', `libopus says ${length}`);
    const scratch = this.#native.HEAPU16.subarray(this.#sound >> 1);
    const pcm = new Int16Array(length);
    for (let i = 0; i < length; i += 1) pcm[i] = (scratch[2 * i] ?? 0) | ((scratch[2 * i + 1] ?? 0) << 8);
    this.#concealment.receive(pcm);
    return pcm;
  }

  conceal(sampleCount: number): Int16Array {
    return this.#concealment.conceal(sampleCount);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#native.OpusScriptHandler.destroy_handler(this.#handler);
    this.#native._free(this.#sound);
    this.#native._free(this.#packet);
  }
}
