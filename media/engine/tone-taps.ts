// The legs whose parties send digits as tones within their sound.
import type { Codec } from '../codec/index.ts';
import { isSoundFormat, type Leg, ToneTap } from '../leg/index.ts';
import type { CodecSource } from '../transcode/index.ts';

export interface ToneTapsOptions {
  readonly codecs: CodecSource;
  onDigit(leg: Leg, digit: { readonly digit: string; readonly durationMs: number }): void;
}

export class ToneTaps {
  readonly #options: ToneTapsOptions;
  /** By leg, the formats that its tap listens to, or will; a later SDP replaces it. */
  readonly #tapped = new Map<Leg, { readonly key: string }>();

  constructor(options: ToneTapsOptions) {
    this.#options = options;
  }

  /** The leg has new SDP. Resolves when its sound is listened to, where that is asked for. */
  async refresh(leg: Leg): Promise<void> {
    const formats = leg.remote?.detectsTones ? leg.receiveFormats.filter(isSoundFormat) : [];
    const wanted = { key: JSON.stringify(formats) };
    if (this.#tapped.get(leg)?.key === wanted.key) return;
    this.release(leg);
    if (formats.length === 0) return;
    this.#tapped.set(leg, wanted);
    const decoders = new Map<number, Codec>();
    for (const format of formats) {
      const decoder = await this.#options.codecs.create(format);
      if (decoder) decoders.set(format.payloadType, decoder);
    }
    const onDigit = (digit: string, durationMs: number) => this.#options.onDigit(leg, { digit, durationMs });
    const tap = new ToneTap({ decoders, onDigit });
    // Meanwhile SDP may have changed, or the call ended.
    if (this.#tapped.get(leg) === wanted) leg.toneTap = tap;
    else tap.close();
  }

  release(leg: Leg): void {
    this.#tapped.delete(leg);
    leg.toneTap?.close();
    leg.toneTap = undefined;
  }
}
