// Opus by the package libopus-wasm (libopus 1.6), the engine that works everywhere.
import {
  Application,
  createDecoder,
  createEncoder,
  loadLibopus,
  type OpusDecoderHandle,
  type OpusEncoderHandle,
} from 'libopus-wasm';
import type { OpusInstance, OpusLibrary, OpusLibrarySound } from './opus-library.ts';
import type { OpusPacket } from './opus-packet.ts';

export const opusWasmLibrary: OpusLibrary = {
  async load() {
    await loadLibopus();
  },

  async open({ sampleRateHz, channels }: OpusLibrarySound) {
    const sound = { sampleRate: sampleRateHz, channels };
    const encoder = await createEncoder({ ...sound, application: Application.Voip });
    try {
      return new OpusWasmInstance(encoder, await createDecoder(sound));
    } catch (error) {
      encoder.free();
      throw error;
    }
  },
};

class OpusWasmInstance implements OpusInstance {
  readonly #encoder: OpusEncoderHandle;
  readonly #decoder: OpusDecoderHandle;

  constructor(encoder: OpusEncoderHandle, decoder: OpusDecoderHandle) {
    this.#encoder = encoder;
    this.#decoder = decoder;
  }

  control(request: number, value: number): void {
    this.#encoder.encoderCtl(request, value);
  }

  encode(pcm: Int16Array): Uint8Array {
    return this.#encoder.encode(pcm, { frameSize: pcm.length / this.#encoder.channels });
  }

  decode(packet: OpusPacket): Int16Array | undefined {
    try {
      return this.#decoder.decode(packet.bytes);
    } catch {
      // The package throws what libopus returns.
      return undefined;
    }
  }

  conceal(sampleCount: number): Int16Array {
    return this.#decoder.decodePacketLoss(sampleCount);
  }

  recover(packet: OpusPacket, sampleCount: number): Int16Array | undefined {
    try {
      return this.#decoder.decode(packet.bytes, { decodeFec: true, frameSize: sampleCount });
    } catch {
      return undefined;
    }
  }

  close(): void {
    this.#encoder.free();
    this.#decoder.free();
  }
}
