// The payload types that a leg's SDP negotiated, looked up for every packet.
import type { PayloadFormat } from '../engine/types.ts';

/** What {@link FormatTable.translate} gives for a payload type that the other side did not negotiate. */
export const NO_PAYLOAD_TYPE = 0xff;

export class FormatTable {
  #formats: readonly PayloadFormat[] = [];
  readonly #clockRatesHz = new Uint32Array(128);
  readonly #events = new Uint8Array(128);
  /** Payload types here as they are there, for the formats that both had when it was made. */
  readonly #translation = new Uint8Array(128);
  #translatedFrom: readonly PayloadFormat[] | undefined;
  #translatedTo: readonly PayloadFormat[] | undefined;

  set(formats: readonly PayloadFormat[]): void {
    this.#formats = formats;
    this.#clockRatesHz.fill(0);
    this.#events.fill(0);
    for (const { payloadType, clockRateHz, encoding } of formats) {
      this.#clockRatesHz[payloadType] = clockRateHz;
      this.#events[payloadType] = encoding === 'telephone-event' ? 1 : 0;
    }
  }

  /** 0 where the payload type was not negotiated. */
  clockRateHz(payloadType: number): number {
    return this.#clockRatesHz[payloadType] ?? 0;
  }

  isEvent(payloadType: number): boolean {
    return this.#events[payloadType] === 1;
  }

  /** The payload type under which the other side knows the same format (RFC 3264 §5.1: each side numbers its own). */
  translate(payloadType: number, other: FormatTable): number {
    if (this.#translatedFrom !== this.#formats || this.#translatedTo !== other.#formats) this.#prepare(other);
    return this.#translation[payloadType] ?? NO_PAYLOAD_TYPE;
  }

  #prepare(other: FormatTable): void {
    this.#translatedFrom = this.#formats;
    this.#translatedTo = other.#formats;
    this.#translation.fill(NO_PAYLOAD_TYPE);
    for (const format of this.#formats) {
      const matches = other.#formats.filter((candidate) => isSameFormat(format, candidate));
      const match = matches.find(({ payloadType }) => payloadType === format.payloadType) ?? matches[0];
      if (match) this.#translation[format.payloadType] = match.payloadType;
    }
  }
}

function isSameFormat(a: PayloadFormat, b: PayloadFormat): boolean {
  return a.encoding === b.encoding && a.clockRateHz === b.clockRateHz && a.channels === b.channels;
}
