// Codecs for the engine: engines are loaded when the first call needs them.
import { type Log, messageOf } from '../../core/index.ts';
import { type Codec, type CodecName, type CodecRegistry, codecNames, loadCodecs } from '../codec/index.ts';
import type { PayloadFormat } from '../engine/types.ts';

export class CodecSource {
  readonly #log: Log;
  readonly #registries = new Map<CodecName, Promise<CodecRegistry>>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** @returns a codec of the caller's, who closes it; undefined where there is none, and the log says why */
  async create(format: PayloadFormat): Promise<Codec | undefined> {
    const name = codecNames.find((known) => known === format.encoding);
    if (!name) return undefined;
    const registry = await this.#registry(name);
    const description = registry.find(name);
    if (!description) return undefined;
    try {
      return await registry.create({ ...description, payloadType: format.payloadType });
    } catch (error) {
      this.#log.warn({ codec: name, reason: messageOf(error) }, 'a codec of a call cannot be made');
      return undefined;
    }
  }

  #registry(name: CodecName): Promise<CodecRegistry> {
    const known = this.#registries.get(name) ?? loadCodecs({ log: this.#log, names: [name] });
    this.#registries.set(name, known);
    return known;
  }
}
