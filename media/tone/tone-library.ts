// Tones as packets: encoded once for each format, then played from memory.
import type { Log } from '../../core/index.ts';
import { type Codec, codecNames, loadCodecs } from '../codec/index.ts';
import type { PayloadFormat, ToneName } from '../engine/types.ts';
import { renderTone } from './tones.ts';

const FRAME_MS = 20;

/** Payloads of 20 ms each, in order. */
export type EncodedTone = readonly Uint8Array[];

/** Encodes on first use. */
export class ToneLibrary {
  readonly #log: Log;
  readonly #tones = new Map<string, Promise<EncodedTone | undefined>>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** @returns undefined where the format has no codec here */
  encoded(tone: ToneName, format: PayloadFormat): Promise<EncodedTone | undefined> {
    const key = `${tone} ${format.encoding}`;
    const known = this.#tones.get(key);
    if (known) return known;
    const made = this.#encode(tone, format);
    this.#tones.set(key, made);
    return made;
  }

  async #encode(tone: ToneName, format: PayloadFormat): Promise<EncodedTone | undefined> {
    const name = codecNames.find((known) => known === format.encoding);
    if (!name) return undefined;
    const codecs = await loadCodecs({ log: this.#log, names: [name] });
    const description = codecs.find(name);
    if (!description) return undefined;
    const codec = await codecs.create(description);
    try {
      return encodeAll(codec, renderTone(tone, description.sampleRateHz));
    } finally {
      codec.close();
    }
  }
}

function encodeAll(codec: Codec, samples: Int16Array): EncodedTone {
  const frameSamples = (codec.description.sampleRateHz * FRAME_MS) / 1000;
  const payloads: Uint8Array[] = [];
  for (let at = 0; at < samples.length; at += frameSamples) {
    const frame = new Int16Array(frameSamples);
    frame.set(samples.subarray(at, at + frameSamples));
    payloads.push(codec.encode(frame).slice());
  }
  return payloads;
}
