// Opus (RFC 6716, RFC 7587) as the codec of a call, whichever library does the work.
import { DecodeError, invariant } from '../../core/index.ts';
import {
  OPUS_SAMPLE_RATES,
  OPUS_SIGNAL_VOICE,
  type OpusInstance,
  type OpusLibrary,
  opusBandwidths,
  opusRequests,
} from './opus-library.ts';
import { LARGEST_PACKET_MS, OpusPacket, opusFrameMs } from './opus-packet.ts';
import {
  formatOpusParameters,
  OPUS_BITRATE_RANGE,
  type OpusEncoding,
  type OpusSound,
  opusEncodingFor,
} from './opus-parameters.ts';
import type { Codec, CodecDescription, EncoderSettings } from './types.ts';

/**
 * Opus for sound of another rate or in stereo.
 *
 * @param sound - `sampleRateHz` of 8000, 12,000, 16,000, 24,000 or 48,000
 */
export function describeOpus(sound: OpusSound): CodecDescription {
  // RFC 7587 §7: always 48000/2 in SDP, whatever is sent.
  return {
    encoding: 'opus',
    payloadType: 111,
    clockRateHz: 48_000,
    channels: 2,
    formatParameters: formatOpusParameters(sound),
    ...sound,
  };
}

/** Full band, mono. */
export const opusDescription: CodecDescription = describeOpus({ sampleRateHz: 48_000, soundChannels: 1 });

/** libopus conceals whole multiples of 2.5 ms. */
const STEPS_A_SECOND = 400;
/**
 * libopus makes the copies coarser the less loss it expects. Told of twice the loss, at 10 % it brings lost frames
 * 0.5 to 1 dB nearer, and the others 0.15 dB farther.
 */
const LOSS_MARGIN = 2;
/** What libopus gives for a frame that need not be sent: a first byte, and at most one more. */
const LARGEST_UNSENT_BYTES = 2;

/**
 * Opens an encoder and a decoder.
 *
 * @param description - `formatParameters` are the far end's: they say what it wants to receive
 * @param library - loaded
 */
export async function createOpusCodec(
  description: CodecDescription,
  library: OpusLibrary,
): Promise<OpusCodec> {
  const { sampleRateHz, soundChannels = 1 } = description;
  const rate = OPUS_SAMPLE_RATES.find((known) => known === sampleRateHz);
  invariant(rate, `Opus knows the rates ${OPUS_SAMPLE_RATES.join(', ')} Hz, not ${sampleRateHz}`);
  const instance = await library.open({ sampleRateHz: rate, channels: soundChannels });
  return new OpusCodec(description, instance);
}

/** See {@link createOpusCodec}. Packets with more frames than one are decoded whole, up to 120 ms. */
export class OpusCodec implements Codec {
  readonly description: CodecDescription;
  readonly #opened: OpusInstance;
  readonly #encoding: OpusEncoding;
  readonly #packet = new OpusPacket();
  #isClosed = false;

  /** @param instance - fresh, and from now on the codec's */
  constructor(description: CodecDescription, instance: OpusInstance) {
    this.description = description;
    this.#opened = instance;
    this.#encoding = opusEncodingFor(description.formatParameters, {
      sampleRateHz: description.sampleRateHz,
      soundChannels: this.#channels,
    });
    this.#setUp();
  }

  get usualBitrateBps(): number {
    return this.#encoding.settings.bitrateBps;
  }

  encode(pcm: Int16Array): Uint8Array {
    const payload = this.#instance.encode(pcm);
    return payload.length > LARGEST_UNSENT_BYTES ? payload : payload.subarray(0, 0);
  }

  decode(payload: Uint8Array): Int16Array | DecodeError {
    return this.#packet.read(payload) ?? this.#instance.decode(this.#packet) ?? refused(payload);
  }

  hasFec(payload: Uint8Array): boolean {
    const canRecover = this.#instance.recover !== undefined;
    return canRecover && !this.#packet.read(payload) && this.#packet.hasLowBitrateCopy;
  }

  /** Where the payload carries no copy, or the engine cannot read it, the sound is concealed instead. */
  recover(payload: Uint8Array, sampleCount: number): Int16Array | DecodeError {
    const error = this.#packet.read(payload);
    if (error) return error;
    const frameSampleCount = (opusFrameMs(this.#packet.toc) * this.description.sampleRateHz) / 1000;
    const isUseful = this.#packet.hasLowBitrateCopy && sampleCount >= frameSampleCount;
    if (!isUseful || !this.#instance.recover) return this.conceal(sampleCount);
    // The copy is of the one frame before this packet; of a longer gap the beginning is made up.
    const pcm = new Int16Array(sampleCount * this.#channels);
    if (sampleCount > frameSampleCount) pcm.set(this.conceal(sampleCount - frameSampleCount));
    const recovered = this.#instance.recover(this.#packet, frameSampleCount);
    if (!recovered) return refused(payload);
    pcm.set(recovered, pcm.length - recovered.length);
    return pcm;
  }

  tune(settings: Partial<EncoderSettings>): void {
    const { bitrateBps, complexity, expectedLossRatio, dtx, prediction } = settings;
    if (bitrateBps !== undefined) {
      const most = this.#encoding.maxBitrateBps;
      this.#control('bitrate', clamp(bitrateBps, { min: OPUS_BITRATE_RANGE.min, max: most }));
    }
    if (complexity !== undefined) this.#control('complexity', clamp(complexity, { min: 0, max: 10 }));
    if (expectedLossRatio !== undefined) {
      const percent = clamp(Math.ceil(expectedLossRatio * LOSS_MARGIN * 100), { min: 0, max: 100 });
      this.#control('packetLossPercent', percent);
      this.#control('inbandFec', this.#encoding.wantsFec && percent > 0 ? 1 : 0);
    }
    if (dtx !== undefined) this.#control('dtx', dtx ? 1 : 0);
    if (prediction !== undefined) this.#control('predictionDisabled', prediction ? 0 : 1);
  }

  conceal(sampleCount: number): Int16Array {
    const step = this.description.sampleRateHz / STEPS_A_SECOND;
    const largest = (this.description.sampleRateHz * LARGEST_PACKET_MS) / 1000;
    const whole = Math.ceil(sampleCount / step) * step;
    const pcm = new Int16Array(whole * this.#channels);
    for (let at = 0; at < whole; at += largest) {
      pcm.set(this.#instance.conceal(Math.min(largest, whole - at)), at * this.#channels);
    }
    return pcm.subarray(0, sampleCount * this.#channels);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#opened.close();
  }

  /** Its memory is freed with the codec, and some libraries would write there all the same. */
  get #instance(): OpusInstance {
    invariant(!this.#isClosed, 'whoever closes a codec does not use it again');
    return this.#opened;
  }

  get #channels(): 1 | 2 {
    return this.description.soundChannels ?? 1;
  }

  #setUp(): void {
    const { audioBandwidthHz, channels, isConstantBitrate, settings } = this.#encoding;
    this.#control('signal', OPUS_SIGNAL_VOICE);
    const bandwidth = opusBandwidths.get(audioBandwidthHz);
    if (bandwidth !== undefined) this.#control('maxBandwidth', bandwidth);
    if (channels < this.#channels) this.#control('forceChannels', channels);
    this.#control('vbr', isConstantBitrate ? 0 : 1);
    this.tune(settings);
  }

  #control(request: keyof typeof opusRequests, value: number): void {
    this.#instance.control(opusRequests[request], value);
  }
}

function clamp(value: number, range: { readonly min: number; readonly max: number }): number {
  return Math.round(Math.max(range.min, Math.min(range.max, value)));
}

function refused(payload: Uint8Array): DecodeError {
  return new DecodeError('OPUS_CORRUPT', 'payload', `libopus refuses the packet of ${payload.length} bytes`);
}
