// Opus (RFC 6716, RFC 7587) by libopus compiled to WebAssembly.
import {
  Application,
  createDecoder,
  createEncoder,
  loadLibopus,
  type OpusDecoderHandle,
  type OpusEncoderHandle,
  Signal,
} from 'libopus-wasm';
import { DecodeError, messageOf } from '../../core/index.ts';
import { type Codec, type CodecDescription, FRAME_MS } from './types.ts';

/** RFC 7587 §7: always 48000/2 in SDP; what we send is mono. */
export const opusDescription: CodecDescription = {
  encoding: 'opus',
  payloadType: 111,
  clockRateHz: 48_000,
  channels: 2,
  formatParameters: 'useinbandfec=1',
  sampleRateHz: 48_000,
};

/** Bits a second for full-band speech (RFC 7587 §3.1.1 recommends 28 to 40 kbit/s). */
export const OPUS_BITRATE = 40_000;

// Half the work of the largest complexity, and no listener tells them apart.
const COMPLEXITY = 5;
/** RFC 6716 §3.4: no packet holds more than 120 ms. */
const LARGEST_PACKET_SAMPLES = 5760;
const FRAME_SAMPLES = (opusDescription.sampleRateHz * FRAME_MS) / 1000;
/** libopus conceals whole multiples of 2.5 ms. */
const CONCEAL_STEP_SAMPLES = 120;

/** Loads the engine, so that {@link createOpusCodec} cannot fail later for want of it. */
export async function loadOpus(): Promise<void> {
  await loadLibopus();
}

export async function createOpusCodec(description: CodecDescription = opusDescription): Promise<Codec> {
  const rate = { sampleRate: 48_000, channels: 1 } as const;
  const encoder = await createEncoder({
    ...rate,
    application: Application.Voip,
    signal: Signal.Voice,
    bitrate: OPUS_BITRATE,
    complexity: COMPLEXITY,
    frameSize: FRAME_SAMPLES,
  });
  try {
    return new OpusCodec(
      description,
      encoder,
      await createDecoder({ ...rate, maxFrameSize: LARGEST_PACKET_SAMPLES }),
    );
  } catch (error) {
    encoder.free();
    throw error;
  }
}

class OpusCodec implements Codec {
  readonly description: CodecDescription;
  readonly #encoder: OpusEncoderHandle;
  readonly #decoder: OpusDecoderHandle;
  #closed = false;

  constructor(description: CodecDescription, encoder: OpusEncoderHandle, decoder: OpusDecoderHandle) {
    this.description = description;
    this.#encoder = encoder;
    this.#decoder = decoder;
  }

  encode(pcm: Int16Array): Uint8Array {
    return this.#encoder.encode(pcm);
  }

  decode(payload: Uint8Array): Int16Array | DecodeError {
    if (payload.length === 0) return new DecodeError('OPUS_EMPTY', 'payload', 'the packet is empty');
    try {
      return this.#decoder.decode(payload);
    } catch (error) {
      // libopus throws for what a peer may send at any time; here the wire is wrong, not we.
      return new DecodeError('OPUS_CORRUPT', 'payload', messageOf(error));
    }
  }

  conceal(sampleCount: number): Int16Array {
    const whole = Math.ceil(sampleCount / CONCEAL_STEP_SAMPLES) * CONCEAL_STEP_SAMPLES;
    const pcm = new Int16Array(whole);
    for (let start = 0; start < whole; start += LARGEST_PACKET_SAMPLES) {
      pcm.set(this.#decoder.decodePacketLoss(Math.min(LARGEST_PACKET_SAMPLES, whole - start)), start);
    }
    return pcm.subarray(0, sampleCount);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#encoder.free();
    this.#decoder.free();
  }
}
