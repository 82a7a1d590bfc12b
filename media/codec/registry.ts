// Which codecs this process can offer, and how to make one.
import { type Log, messageOf, OperationError } from '../../core/index.ts';
import { G711Codec, pcmaDescription, pcmuDescription } from './g711-codec.ts';
import { G722Codec, g722Description } from './g722-codec.ts';
import { describeL16, L16Codec } from './l16-codec.ts';
import { createOpusCodec, describeOpus, opusDescription } from './opus-codec.ts';
import type { OpusLibrary } from './opus-library.ts';
import { opusWasmLibrary } from './opus-wasm-library.ts';
import { opusscriptLibrary } from './opusscript-library.ts';
import { systemOpusLibrary } from './system-opus-library.ts';
import type { Codec, CodecDescription, CodecName } from './types.ts';

/** In the order of preference in which we offer them; L16 only on request, for it takes up to 1.5 Mbit/s. */
export const codecNames: readonly CodecName[] = ['opus', 'g722', 'pcmu', 'pcma'];

/** What can be asked for by name. */
export const allCodecNames: readonly CodecName[] = [...codecNames, 'l16'];

/** Who does the work of Opus: the first where not chosen otherwise. `system` is the libopus of the machine. */
export const opusEngines = ['libopus-wasm', 'opusscript', 'system'] as const;

/** One of {@link opusEngines}. */
export type OpusEngine = (typeof opusEngines)[number];

/** One way to make a codec; `load` throws where its engine is missing. */
export interface CodecFactory {
  readonly description: CodecDescription;
  load(): Promise<void>;
  /** @param description - the codec's own, with the payload type and the far end's format parameters, as negotiated */
  create(description: CodecDescription): Promise<Codec>;
}

/** A codec without an engine. */
const plain = (
  description: CodecDescription,
  create: (negotiated: CodecDescription) => Codec,
): CodecFactory => ({ description, load: async () => {}, create: async (negotiated) => create(negotiated) });

const OPUS_LIBRARIES: Readonly<Record<OpusEngine, OpusLibrary>> = {
  'libopus-wasm': opusWasmLibrary,
  opusscript: opusscriptLibrary,
  system: systemOpusLibrary,
};

const opus = (library: OpusLibrary, isStereo: boolean): CodecFactory => ({
  description: isStereo ? STEREO_OPUS : opusDescription,
  load: () => library.load(),
  create: (negotiated) => createOpusCodec(negotiated, library),
});

const STEREO_OPUS = describeOpus({ sampleRateHz: 48_000, soundChannels: 2 });

/** The codecs that work here: what may be offered. */
export class CodecRegistry {
  /** In the order of preference. */
  readonly descriptions: readonly CodecDescription[];
  readonly #factories: ReadonlyMap<CodecName, CodecFactory>;

  constructor(factories: readonly CodecFactory[]) {
    this.descriptions = factories.map((factory) => factory.description);
    this.#factories = new Map(factories.map((factory) => [factory.description.encoding, factory]));
  }

  find(encoding: string): CodecDescription | undefined {
    return this.descriptions.find((description) => description.encoding === encoding);
  }

  /** @throws OperationError `CODEC_UNKNOWN` where the registry does not have it */
  create(description: CodecDescription): Promise<Codec> {
    const factory = this.#factories.get(description.encoding);
    if (!factory) {
      throw new OperationError('CODEC_UNKNOWN', `no codec "${description.encoding}" is loaded`);
    }
    return factory.create(description);
  }
}

export interface LoadCodecsOptions {
  /** Which, in the order of preference; {@link codecNames} where not given. */
  readonly names?: readonly CodecName[];
  readonly opusEngine?: OpusEngine;
  /** Whether Opus takes and gives two channels; one where not given. */
  readonly isStereo?: boolean;
  readonly log: Log;
  /** Instead of the factories of this file. */
  readonly factories?: (name: CodecName) => CodecFactory;
}

/** Loads the engines once. A codec that cannot be loaded is left out, and the log says why. */
export async function loadCodecs(options: LoadCodecsOptions): Promise<CodecRegistry> {
  const { opusEngine, isStereo } = options;
  const factoryOf = options.factories ?? ((name) => defaultFactory(name, opusEngine, isStereo));
  const loaded: CodecFactory[] = [];
  for (const name of options.names ?? codecNames) {
    const factory = factoryOf(name);
    try {
      await factory.load();
      loaded.push(factory);
    } catch (error) {
      options.log.warn({ codec: name, reason: messageOf(error) }, 'codec withdrawn: it cannot be loaded');
    }
  }
  return new CodecRegistry(loaded);
}

const PLAIN: Readonly<Record<Exclude<CodecName, 'opus'>, CodecFactory>> = {
  g722: plain(g722Description, (negotiated) => new G722Codec(negotiated)),
  pcmu: plain(pcmuDescription, (negotiated) => new G711Codec(negotiated)),
  pcma: plain(pcmaDescription, (negotiated) => new G711Codec(negotiated)),
  l16: plain(describeL16(), (negotiated) => new L16Codec(negotiated)),
};

function defaultFactory(
  name: CodecName,
  opusEngine: OpusEngine = opusEngines[0],
  isStereo = false,
): CodecFactory {
  return name === 'opus' ? opus(OPUS_LIBRARIES[opusEngine], isStereo) : PLAIN[name];
}
