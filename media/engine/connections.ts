// Who hears whom, and what stands between them: kept in step with SDP.
import type { Log } from '../../core/index.ts';
import {
  type Conversion,
  isEventFormat,
  isSameFormat,
  isSoundFormat,
  type Leg,
  Passage,
} from '../leg/index.ts';
import { type ConversionPlan, planConversion } from '../transcode/index.ts';
import type { PayloadFormat } from './types.ts';

/** Makes what a plan asks for; undefined where that cannot be made, and the log says why. */
export type MakeConversion = (
  plan: ConversionPlan,
  ends: { readonly from: Leg; readonly to: Leg },
) => Conversion | undefined | Promise<Conversion | undefined>;

/** The conversion that a passage has or will have. */
interface Planned {
  readonly passage: Passage;
  readonly plan: ConversionPlan;
  conversion: Conversion | undefined;
  making: Promise<void> | undefined;
}

export class Connections {
  readonly #make: MakeConversion;
  readonly #log: Log;
  /** By the leg that sends. */
  readonly #planned = new Map<Leg, Planned>();
  #makingCount = 0;

  constructor(make: MakeConversion, log: Log) {
    this.#make = make;
    this.#log = log;
  }

  /** Conversions that are being made: packets wait for them. */
  get makingCount(): number {
    return this.#makingCount;
  }

  /** Resolves when what they need between them is there. The same leg twice is an echo. */
  async join(a: Leg, b: Leg): Promise<void> {
    this.part(a);
    this.part(b);
    a.passage = new Passage(b);
    if (b !== a) b.passage = new Passage(a);
    await this.refresh(a);
  }

  part(leg: Leg): void {
    const { peer } = leg;
    this.#end(leg);
    if (peer?.peer === leg) this.#end(peer);
  }

  /** The SDP of the leg is new, or its peer. */
  async refresh(leg: Leg): Promise<void> {
    const { peer } = leg;
    const needed = [this.#refreshOneWay(leg)];
    if (peer && peer !== leg) needed.push(this.#refreshOneWay(peer));
    await Promise.all(needed);
  }

  #end(leg: Leg): void {
    leg.passage?.close();
    leg.passage = undefined;
    this.#planned.delete(leg);
  }

  #refreshOneWay(from: Leg): Promise<void> | undefined {
    const { passage } = from;
    // What goes into a room is that room's concern.
    if (!(passage instanceof Passage)) return undefined;
    const { remote } = passage.to;
    passage.relay(from.receiveFormats, remote?.formats);
    const plan =
      from.remote && remote && planConversion({ ...from.remote, formats: from.receiveFormats }, remote);
    const before = this.#planned.get(from);
    if (before && before.plan.key === plan?.key && before.conversion) {
      passage.convert(payloadTypesOf(before.plan), before.conversion);
      return undefined;
    }
    passage.close();
    this.#planned.delete(from);
    return plan && this.#begin(from, { passage, plan, conversion: undefined, making: undefined });
  }

  /** What is probably not needed is made when the first packet needs it. */
  #begin(from: Leg, planned: Planned): Promise<void> | undefined {
    const { passage, plan } = planned;
    this.#planned.set(from, planned);
    const make = () => {
      planned.making ??= this.#install(from, planned);
      return planned.making;
    };
    passage.awaitConversion(payloadTypesOf(plan), make);
    return plan.isExceptional ? undefined : make();
  }

  async #install(from: Leg, planned: Planned): Promise<void> {
    const { passage, plan } = planned;
    const conversion = await this.#makeCounted(plan, { from, to: passage.to });
    if (!conversion) return;
    // Meanwhile SDP may have changed, or the call ended.
    if (this.#planned.get(from) !== planned) return conversion.close();
    planned.conversion = conversion;
    passage.convert(payloadTypesOf(plan), conversion);
    const { kind, to, ptimeMs } = plan;
    this.#log.debug({ leg: from.label, kind, to: to.encoding, ptimeMs }, 'media is converted');
  }

  async #makeCounted(...what: Parameters<MakeConversion>): Promise<Conversion | undefined> {
    this.#makingCount += 1;
    try {
      return await this.#make(...what);
    } finally {
      this.#makingCount -= 1;
    }
  }
}

/** Beside sound that passes as it is, comfort noise does too, and digits that the peer has. */
function payloadTypesOf({ from, isExceptional, toEvents }: ConversionPlan): readonly number[] {
  const isForeign = (format: PayloadFormat) => !toEvents || !isSameFormat(format, toEvents);
  const formats = isExceptional
    ? from.filter((format) => isSoundFormat(format) || (isEventFormat(format) && isForeign(format)))
    : from;
  return formats.map(({ payloadType }) => payloadType);
}
