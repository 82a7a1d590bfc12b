// The codecs of one call: one for each encoding, for as long as the call lives.
import { OperationError } from '../core/index.ts';
import type { Codec, CodecRegistry } from '../media/index.ts';
import { isSoundFormat, type PayloadFormat } from '../signaling/index.ts';
import type { AgreedSound } from './negotiation.ts';

/** What an agreement asks for. */
export interface AgreedCodecs {
  /** What we send. */
  readonly format: PayloadFormat;
  readonly codec: Codec;
  /** By the payload types that we may receive. */
  readonly decoders: ReadonlyMap<number, Codec>;
  /** Payload types of comfort noise. */
  readonly noiseTypes: readonly number[];
}

/** Their state must not be lost by a re-INVITE, so that they are kept. */
export class CallCodecs {
  readonly #registry: CodecRegistry;
  readonly #codecs = new Map<string, Codec>();

  constructor(registry: CodecRegistry) {
    this.#registry = registry;
  }

  /** @throws OperationError where a codec cannot be made */
  async agree({ sendFormats, receiveFormats }: AgreedSound): Promise<AgreedCodecs> {
    const format = sendFormats.find(isSoundFormat);
    if (!format) throw new OperationError('CODEC_UNKNOWN', 'no codec was agreed on');
    // Before the decoders: a codec is made once, and its encoder needs the parameters of the far end.
    const codec = await this.#codecFor(format);
    const decoders = new Map<number, Codec>();
    for (const received of receiveFormats.filter(isSoundFormat)) {
      decoders.set(received.payloadType, await this.#codecFor(received));
    }
    const noiseTypes = receiveFormats
      .filter(({ encoding }) => encoding === 'cn')
      .map(({ payloadType }) => payloadType);
    return { format, codec, decoders, noiseTypes };
  }

  close(): void {
    for (const codec of this.#codecs.values()) codec.close();
  }

  async #codecFor(format: PayloadFormat): Promise<Codec> {
    const made = this.#codecs.get(format.encoding);
    if (made) return made;
    const description = this.#registry.find(format.encoding);
    if (!description) {
      throw new OperationError(
        'CODEC_UNKNOWN',
        `the codec "${format.encoding}" was agreed on and is not loaded`,
      );
    }
    const { formatParameters: _ours, ...known } = description;
    const { formatParameters } = format;
    const codec = await this.#registry.create(
      formatParameters === undefined ? known : { ...known, formatParameters },
    );
    this.#codecs.set(format.encoding, codec);
    return codec;
  }
}
