// Makes what a conversion plan asks for.
import type { Log } from '../../core/index.ts';
import type { Codec } from '../codec/index.ts';
import { type Conversion, isSoundFormat, type Leg } from '../leg/index.ts';
import { VoiceReceiver } from '../receiver/voice-receiver.ts';
import type { CodecSource } from './codec-source.ts';
import type { ConversionPlan } from './conversion-plan.ts';
import { EventConversion } from './event-conversion.ts';
import { Repacketizer } from './repacketizer.ts';
import { Transcoder } from './transcoder.ts';

export interface ConversionMakerOptions {
  readonly codecs: CodecSource;
  readonly log: Log;
  onStarted(transcoder: Transcoder): void;
  onClosed(transcoder: Transcoder): void;
}

export class ConversionMaker {
  readonly #options: ConversionMakerOptions;

  constructor(options: ConversionMakerOptions) {
    this.#options = options;
  }

  /** @returns undefined where a codec is missing: then that party hears nothing, and the log says why */
  make(plan: ConversionPlan, to: Leg): Conversion | Promise<Conversion | undefined> {
    if (plan.kind === 'transcode') return this.#transcoder(plan, to);
    return plan.kind === 'repacketize' ? new Repacketizer(plan, to) : new EventConversion(plan, to);
  }

  async #transcoder(plan: ConversionPlan, to: Leg): Promise<Conversion | undefined> {
    const { codecs, onStarted, onClosed } = this.#options;
    const decoders = new Map<number, Codec>();
    for (const format of plan.from.filter(isSoundFormat)) {
      const decoder = await codecs.create(format);
      if (decoder) decoders.set(format.payloadType, decoder);
    }
    const encoder = await codecs.create(plan.to);
    if (encoder && decoders.size > 0) {
      return new Transcoder({
        plan,
        to,
        receiver: new VoiceReceiver(),
        decoders,
        encoder,
        onStarted,
        onClosed,
      });
    }
    for (const codec of [encoder, ...decoders.values()]) codec?.close();
    const [from] = plan.from;
    const codecsNeeded = { from: from?.encoding, to: plan.to.encoding };
    this.#options.log.warn({ leg: to.label, ...codecsNeeded }, 'a party hears nothing: a codec is missing');
    return undefined;
  }
}
