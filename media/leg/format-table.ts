// The payload types that a leg's SDP negotiated, looked up for every packet.
import type { PayloadFormat } from '../engine/types.ts';

export class FormatTable {
  readonly #clockRatesHz = new Uint32Array(128);
  readonly #events = new Uint8Array(128);

  set(formats: readonly PayloadFormat[]): void {
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
}
