// Opus by the package opusscript, through pointers of our own.
import {
  OPUS_APPLICATION_VOIP,
  type OpusInstance,
  type OpusLibrary,
  type OpusLibrarySound,
} from './opus-library.ts';
import { isOpusStereo, LARGEST_PACKET_MS, type OpusPacket } from './opus-packet.ts';

/** The part of the compiled module that we use; the package has no types for it. */
interface NativeModule {
  readonly HEAPU16: Uint16Array;
  readonly HEAPU8: Uint8Array;
  readonly OpusScriptHandler: {
    new (samplingRate: number, channels: number, application: number): NativeHandler;
    destroy_handler(handler: NativeHandler): void;
  };
  _malloc(sizeBytes: number): number;
}

interface NativeHandler {
  _encode(input: number, valueCount: number, output: number, sampleCount: number): number;
  _decode(input: number, sizeBytes: number, output: number): number;
  _encoder_ctl(request: number, value: number): number;
}

/** The compiled module, and scratch in its memory: calls do not overlap, so all instances share it. */
interface Loaded {
  readonly module: NativeModule;
  readonly sound: number;
  readonly packet: number;
}

/** No datagram is larger. */
const LARGEST_PAYLOAD_BYTES = 65_536;
/** The native side spreads each byte of sound over 16 bits, and so needs four bytes a sample. */
const SCRATCH_BYTES_PER_SAMPLE = 4;
const LARGEST_SOUND_SAMPLES = 2 * 48 * LARGEST_PACKET_MS;
/** RFC 6716 §3.1, table 2: full-band CELT. */
const CONCEALED_FRAMES = [
  { config: 31, ms: 20 },
  { config: 30, ms: 10 },
  { config: 29, ms: 5 },
  { config: 28, ms: 2.5 },
] as const;

let loaded: Loaded | undefined;

export const opusscriptLibrary: OpusLibrary = {
  async load() {
    if (loaded) return;
    const path: string = 'opusscript/build/opusscript_native_wasm.js';
    // Cast: a compiled module without types, whose shape the interface above states.
    const imported = (await import(path)) as { default: () => NativeModule };
    const module = imported.default();
    const sound = module._malloc(LARGEST_SOUND_SAMPLES * SCRATCH_BYTES_PER_SAMPLE);
    loaded = { module, sound, packet: module._malloc(LARGEST_PAYLOAD_BYTES) };
  },

  async open(sound: OpusLibrarySound) {
    if (!loaded) throw new Error('opusscript is not loaded');
    return new OpusscriptInstance(loaded, sound);
  },
};

/**
 * The package's own wrapper doubles its scratch pointers and so writes outside its memory: with many calls, other
 * sound than was sent. So the compiled handler is driven directly, with buffers that are ours, and views that are
 * taken anew each time because the memory may move when it grows.
 *
 * The handler decodes neither FEC (so there is no `recover`) nor a lost packet; {@link conceal} finds a way.
 */
class OpusscriptInstance implements OpusInstance {
  readonly #loaded: Loaded;
  readonly #handler: NativeHandler;
  readonly #sampleRateHz: number;
  readonly #channels: number;
  #toc = 0;

  constructor(native: Loaded, { sampleRateHz, channels }: OpusLibrarySound) {
    this.#loaded = native;
    this.#sampleRateHz = sampleRateHz;
    this.#channels = channels;
    this.#handler = new native.module.OpusScriptHandler(sampleRateHz, channels, OPUS_APPLICATION_VOIP);
  }

  control(request: number, value: number): void {
    const result = this.#handler._encoder_ctl(request, value);
    if (result < 0) throw new Error(`libopus refused to set ${request} to ${value} (${result})`);
  }

  encode(pcm: Int16Array): Uint8Array {
    const { module, sound, packet } = this.#loaded;
    const scratch = module.HEAPU16.subarray(sound >> 1);
    for (let i = 0; i < pcm.length; i += 1) {
      const sample = pcm[i] ?? 0;
      scratch[2 * i] = sample & 0xff;
      scratch[2 * i + 1] = (sample >> 8) & 0xff;
    }
    const length = this.#handler._encode(sound, pcm.length, packet, pcm.length / this.#channels);
    if (length < 0) throw new Error(`libopus refused to encode ${pcm.length} samples (${length})`);
    return module.HEAPU8.slice(packet, packet + length);
  }

  decode(packet: OpusPacket): Int16Array | undefined {
    this.#toc = packet.toc;
    return this.#decode(packet.bytes);
  }

  /**
   * RFC 6716 §3.2.1: a frame without bytes stands for one that was lost or never sent, and the decoder conceals it. So
   * packets of a first byte alone, of CELT's 20, 10, 5 and 2.5 ms, are what a lost packet is to libopus; it conceals
   * in the mode in which it decoded last.
   */
  conceal(sampleCount: number): Int16Array {
    const pcm = new Int16Array(sampleCount * this.#channels);
    const stereo = isOpusStereo(this.#toc) ? 4 : 0;
    let at = 0;
    for (const { config, ms } of CONCEALED_FRAMES) {
      const step = ((ms * this.#sampleRateHz) / 1000) * this.#channels;
      for (; at + step <= pcm.length; at += step) {
        const concealed = this.#decode(Uint8Array.of((config << 3) | stereo));
        if (concealed) pcm.set(concealed, at);
      }
    }
    return pcm;
  }

  close(): void {
    this.#loaded.module.OpusScriptHandler.destroy_handler(this.#handler);
  }

  #decode(payload: Uint8Array): Int16Array | undefined {
    const { module, sound, packet } = this.#loaded;
    if (payload.length > LARGEST_PAYLOAD_BYTES) return undefined;
    module.HEAPU8.set(payload, packet);
    const sampleCount = this.#handler._decode(packet, payload.length, sound);
    if (sampleCount < 0) return undefined;
    const scratch = module.HEAPU16.subarray(sound >> 1);
    const pcm = new Int16Array(sampleCount * this.#channels);
    for (let i = 0; i < pcm.length; i += 1) pcm[i] = (scratch[2 * i] ?? 0) | ((scratch[2 * i + 1] ?? 0) << 8);
    return pcm;
  }
}
