// The payload types that a leg's SDP negotiated, looked up for every packet.
import type { PayloadFormat } from '../engine/types.ts';

/** Payload formats by their type, without a look through a list. */
export class FormatTable {
  #formats: readonly PayloadFormat[] = [];
  readonly #clockRatesHz = new Uint32Array(128);
  readonly #events = new Uint8Array(128);
  // Of the packet before: its successor seldom differs, and among thousands of legs the tables are never in a cache.
  #lastPayloadType = -1;
  #lastClockRateHz = 0;
  #lastIsEvent = false;
  readonly #onChange: ((before: number, next?: PayloadFormat) => void) | undefined;

  /**
   * @param onChange - told of the type that was looked up until now, where another one follows, -1 where none was; and of
   *   the format that follows, where it was negotiated
   */
  constructor(onChange?: (before: number, next?: PayloadFormat) => void) {
    this.#onChange = onChange;
  }

  /** Of the packet that was looked up last; -1 where there was none since the formats were set. */
  get lastPayloadType(): number {
    return this.#lastPayloadType;
  }

  get formats(): readonly PayloadFormat[] {
    return this.#formats;
  }

  set(formats: readonly PayloadFormat[]): void {
    this.#onChange?.(this.#lastPayloadType);
    this.#formats = formats;
    this.#clockRatesHz.fill(0);
    this.#events.fill(0);
    for (const format of formats) {
      this.#clockRatesHz[format.payloadType] = format.clockRateHz;
      this.#events[format.payloadType] = isEventFormat(format) ? 1 : 0;
    }
    this.#lastPayloadType = -1;
  }

  /** 0 where the payload type was not negotiated. */
  clockRateHz(payloadType: number): number {
    if (payloadType !== this.#lastPayloadType) this.#lookUp(payloadType);
    return this.#lastClockRateHz;
  }

  isEvent(payloadType: number): boolean {
    if (payloadType !== this.#lastPayloadType) this.#lookUp(payloadType);
    return this.#lastIsEvent;
  }

  #lookUp(payloadType: number): void {
    this.#onChange?.(
      this.#lastPayloadType,
      this.#formats.find((format) => format.payloadType === payloadType),
    );
    this.#lastPayloadType = payloadType;
    this.#lastClockRateHz = this.#clockRatesHz[payloadType] ?? 0;
    this.#lastIsEvent = this.#events[payloadType] === 1;
  }
}

/** Whether both name the same bits on the wire, whatever their payload types. */
export function isSameFormat(a: PayloadFormat, b: PayloadFormat): boolean {
  return a.encoding === b.encoding && a.clockRateHz === b.clockRateHz && a.channels === b.channels;
}

export function isEventFormat({ encoding }: PayloadFormat): boolean {
  return encoding === 'telephone-event';
}

export function isRedFormat({ encoding }: PayloadFormat): boolean {
  return encoding === 'red';
}

export function isComfortNoise({ encoding }: PayloadFormat): boolean {
  return encoding === 'cn';
}

/** Whether the format is of sound by itself: neither digits, nor comfort noise, nor copies of other formats. */
export function isSoundFormat(format: PayloadFormat): boolean {
  return !isEventFormat(format) && !isRedFormat(format) && !isComfortNoise(format);
}

/** RFC 4733 §2.1: events should have the clock of their sound; many phones know 8000 Hz alone. */
export function eventFormatFor(
  sound: PayloadFormat,
  formats: readonly PayloadFormat[],
): PayloadFormat | undefined {
  const events = formats.filter(isEventFormat);
  return events.find(({ clockRateHz }) => clockRateHz === sound.clockRateHz) ?? events[0];
}
