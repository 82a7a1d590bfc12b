// Codecs for the engine: engines are loaded when the first call needs them.
import { type Log, messageOf } from '../../core/index.ts';
import {
  allCodecNames,
  type Codec,
  type CodecDescription,
  type CodecName,
  type CodecRegistry,
  describeOpus,
  loadCodecs,
  type OpusEngine,
} from '../codec/index.ts';
import type { PayloadFormat } from '../engine/types.ts';

/** Rates of L16 between which sound is resampled here. */
const L16_RATES_HZ = [8000, 16_000, 24_000, 32_000, 48_000];

export class CodecSource {
  readonly #log: Log;
  readonly #opusEngine: OpusEngine | undefined;
  readonly #registries = new Map<CodecName, Promise<CodecRegistry>>();

  constructor(log: Log, opusEngine?: OpusEngine) {
    this.#log = log;
    this.#opusEngine = opusEngine;
  }

  /**
   * @param channels - of the sound, in Opus, whose packets may have either
   * @returns a codec of the caller's, who closes it; undefined where there is none, and the log says why
   */
  async create(format: PayloadFormat, channels: 1 | 2 = 1): Promise<Codec | undefined> {
    const name = allCodecNames.find((known) => known === format.encoding);
    if (!name) return undefined;
    const registry = await this.#registry(name);
    const known = registry.find(name);
    const description = known && describe(known, format, channels);
    return description && this.#open(registry, description);
  }

  async #open(registry: CodecRegistry, description: CodecDescription): Promise<Codec | undefined> {
    try {
      return await registry.create(description);
    } catch (error) {
      this.#log.warn(
        { codec: description.encoding, reason: messageOf(error) },
        'a codec of a call cannot be made',
      );
      return undefined;
    }
  }

  /** Opus at full band for a file. @returns as {@link CodecSource.create} */
  async createOpus(soundChannels: 1 | 2): Promise<Codec | undefined> {
    const registry = await this.#registry('opus');
    if (!registry.find('opus')) return undefined;
    return this.#open(registry, describeOpus({ sampleRateHz: 48_000, soundChannels }));
  }

  #registry(name: CodecName): Promise<CodecRegistry> {
    const known = this.#registries.get(name);
    if (known) return known;
    const opusEngine = this.#opusEngine;
    const loading = loadCodecs({ log: this.#log, names: [name], ...(opusEngine && { opusEngine }) });
    this.#registries.set(name, loading);
    return loading;
  }
}

/** The codec as SDP negotiated it. @returns undefined where it cannot be had like that */
function describe(
  known: CodecDescription,
  format: PayloadFormat,
  soundChannels: 1 | 2,
): CodecDescription | undefined {
  const { payloadType, formatParameters, clockRateHz, channels } = format;
  const negotiated = {
    ...known,
    payloadType,
    ...(formatParameters === undefined ? {} : { formatParameters }),
  };
  if (known.encoding === 'opus' && soundChannels === 2) return { ...negotiated, soundChannels };
  if (known.encoding !== 'l16') return negotiated;
  if (!L16_RATES_HZ.includes(clockRateHz) || (channels !== 1 && channels !== 2)) return undefined;
  return { ...negotiated, clockRateHz, channels, sampleRateHz: clockRateHz, soundChannels: channels };
}
