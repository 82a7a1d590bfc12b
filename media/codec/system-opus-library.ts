// Opus by the libopus of the operating system, called through koffi.
import { messageOf } from '../../core/index.ts';
import {
  OPUS_APPLICATION_VOIP,
  type OpusInstance,
  type OpusLibrary,
  type OpusLibrarySound,
} from './opus-library.ts';
import { LARGEST_PACKET_MS, type OpusPacket } from './opus-packet.ts';

/** Linux, macOS, Windows. */
const LIBRARIES = ['libopus.so.0', 'libopus.0.dylib', 'opus.dll'] as const;

/** An address; 0 is NULL. */
type Pointer = bigint;

/** The functions of opus.h that we call. Typed arrays go to them in place. */
export interface OpusFunctions {
  createEncoder(sampleRateHz: number, channels: number, application: number, error: Int32Array): Pointer;
  createDecoder(sampleRateHz: number, channels: number, error: Int32Array): Pointer;
  destroyEncoder(encoder: Pointer): void;
  destroyDecoder(decoder: Pointer): void;
  encode(encoder: Pointer, pcm: Int16Array, count: number, out: Uint8Array, sizeBytes: number): number;
  decode(
    decoder: Pointer,
    payload: Uint8Array | null,
    sizeBytes: number,
    out: Int16Array,
    count: number,
    fec: 0 | 1,
  ): number;
  /** The setters of an encoder take one `int`, after its type. */
  control(encoder: Pointer, request: number, type: 'int', value: number): number;
}

// Calls do not overlap, so all instances share the scratch.
const sound = new Int16Array(2 * 48 * LARGEST_PACKET_MS);
const encoded = new Uint8Array(4000);
const error = new Int32Array(1);

let library: OpusFunctions | undefined;

export const systemOpusLibrary: OpusLibrary = {
  async load() {
    library ??= await loadSystemLibopus(LIBRARIES);
  },

  async open(sound: OpusLibrarySound) {
    if (!library) throw new Error('the libopus of the system is not loaded');
    return new SystemOpusInstance(library, sound);
  },
};

/**
 * Finds the library.
 *
 * @param names - tried in this order
 * @throws Error that says what to install
 */
export async function loadSystemLibopus(names: readonly string[]): Promise<OpusFunctions> {
  const koffi = await import('koffi').catch((cause: unknown) => {
    throw new Error('the engine "system" of Opus needs the package koffi: run "npm install koffi"', {
      cause,
    });
  });
  let reason = '';
  for (const name of names) {
    try {
      return bind(koffi.load(name));
    } catch (cause) {
      reason ||= `${name}: ${messageOf(cause)}`;
    }
  }
  const mend = 'run "apt install libopus0", or install it as your system does';
  throw new Error(`the engine "system" of Opus needs libopus: ${mend} (${reason})`);
}

function bind(native: import('koffi').LibraryHandle): OpusFunctions {
  const pointer = 'void *';
  return {
    createEncoder: native.func('opus_encoder_create', pointer, ['int32_t', 'int', 'int', pointer]),
    createDecoder: native.func('opus_decoder_create', pointer, ['int32_t', 'int', pointer]),
    destroyEncoder: native.func('opus_encoder_destroy', 'void', [pointer]),
    destroyDecoder: native.func('opus_decoder_destroy', 'void', [pointer]),
    encode: native.func('opus_encode', 'int32_t', [pointer, pointer, 'int', pointer, 'int32_t']),
    decode: native.func('opus_decode', 'int', [pointer, pointer, 'int32_t', pointer, 'int', 'int']),
    control: native.func('opus_encoder_ctl', 'int', [pointer, 'int', '...']),
  };
}

class SystemOpusInstance implements OpusInstance {
  readonly #library: OpusFunctions;
  readonly #encoder: Pointer;
  readonly #decoder: Pointer;
  readonly #channels: number;
  readonly #largestSampleCount: number;

  constructor(library: OpusFunctions, { sampleRateHz, channels }: OpusLibrarySound) {
    this.#library = library;
    this.#channels = channels;
    this.#largestSampleCount = (sampleRateHz * LARGEST_PACKET_MS) / 1000;
    this.#encoder = created(library.createEncoder(sampleRateHz, channels, OPUS_APPLICATION_VOIP, error));
    this.#decoder = created(library.createDecoder(sampleRateHz, channels, error));
  }

  control(request: number, value: number): void {
    const result = this.#library.control(this.#encoder, request, 'int', value);
    if (result < 0) throw new Error(`libopus refused to set ${request} to ${value} (${result})`);
  }

  encode(pcm: Int16Array): Uint8Array {
    const count = pcm.length / this.#channels;
    const length = this.#library.encode(this.#encoder, pcm, count, encoded, encoded.length);
    if (length < 0) throw new Error(`libopus refused to encode ${pcm.length} samples (${length})`);
    return encoded.slice(0, length);
  }

  decode(packet: OpusPacket): Int16Array | undefined {
    return this.#decode(packet.bytes, this.#largestSampleCount, 0);
  }

  conceal(sampleCount: number): Int16Array {
    return this.#decode(null, sampleCount, 0) ?? new Int16Array(sampleCount * this.#channels);
  }

  recover(packet: OpusPacket, sampleCount: number): Int16Array | undefined {
    return this.#decode(packet.bytes, sampleCount, 1);
  }

  close(): void {
    this.#library.destroyEncoder(this.#encoder);
    this.#library.destroyDecoder(this.#decoder);
  }

  #decode(payload: Uint8Array | null, sampleCount: number, fec: 0 | 1): Int16Array | undefined {
    const sizeBytes = payload?.length ?? 0;
    const length = this.#library.decode(this.#decoder, payload, sizeBytes, sound, sampleCount, fec);
    return length < 0 ? undefined : sound.slice(0, length * this.#channels);
  }
}

function created(pointer: Pointer): Pointer {
  if (!pointer) throw new Error(`libopus could not be opened (${error[0]})`);
  return pointer;
}
