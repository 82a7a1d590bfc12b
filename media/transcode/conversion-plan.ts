// What has to be done to one leg's packets before its peer understands them.
import type { PayloadFormat } from '../engine/types.ts';
import {
  eventFormatFor,
  isComfortNoise,
  isEventFormat,
  isSameFormat,
  isSoundFormat,
} from '../leg/format-table.ts';

/** What a party sends or takes. */
export interface MediaShape {
  readonly formats: readonly PayloadFormat[];
  readonly ptimeMs: number;
}

/** What a passage's conversion is for. Two plans with the same `key` are served by the same conversion. */
export interface ConversionPlan {
  readonly kind: 'transcode' | 'repacketize' | 'events';
  /** Of the sender: what goes through the conversion, digits and comfort noise included. */
  readonly from: readonly PayloadFormat[];
  /** The sound that the peer hears. */
  readonly to: PayloadFormat;
  /** The digits that the peer takes; undefined where it takes none. */
  readonly toEvents: PayloadFormat | undefined;
  /** Of the packets that the peer gets. */
  readonly ptimeMs: number;
  /** Whether the sender may also send what needs no conversion, and probably will. */
  readonly isExceptional: boolean;
  readonly key: string;
}

/** Formats that a codec of this project reads and writes. */
const CONVERTIBLE = new Set(['opus', 'g722', 'pcmu', 'pcma', 'l16']);
/** RFC 4855 ptime outside of these is nobody's wish. */
const SHORTEST_PTIME_MS = 10;
const LONGEST_PTIME_MS = 60;
/** Slower clocks have no whole ticks in a packet. SDP may claim any; no sound has one. */
const SLOWEST_CLOCK_HZ = 1000;
const OPUS_PTIMES_MS = [10, 20, 40, 60];

/** @returns undefined where everything passes as it is, or nothing can be done for it */
export function planConversion(from: MediaShape, to: MediaShape): ConversionPlan | undefined {
  const target = to.formats.find(isSoundFormat);
  if (!target) return undefined;
  const isShared = (format: PayloadFormat) => to.formats.some((other) => isSameFormat(format, other));
  const sound = from.formats.filter(isSoundFormat);
  const events = from.formats.filter(isEventFormat);
  const toEvents = eventFormatFor(target, to.formats);
  const plan = (kind: ConversionPlan['kind'], formats: readonly PayloadFormat[], into = target) => {
    const ptimeMs = frameMsFor(into, to.ptimeMs);
    const isExceptional = kind === 'transcode' && sound.some(isShared);
    const key = JSON.stringify([kind, formats, into, toEvents, ptimeMs]);
    return { kind, from: formats, to: into, toEvents, ptimeMs, isExceptional, key };
  };
  const foreign = sound.filter((format) => !isShared(format) && CONVERTIBLE.has(format.encoding));
  // Digits and comfort noise stand in the stream of the sound: whatever makes that stream anew places them, too.
  if (foreign.length > 0 && CONVERTIBLE.has(target.encoding))
    return plan('transcode', [...foreign, ...from.formats.filter(isComfortNoise), ...events]);
  const cut = sound.filter((format) => isShared(format) && bytesPerFrame(format) > 0);
  const [first] = cut;
  if (first && frameMsFor(first, from.ptimeMs) !== frameMsFor(first, to.ptimeMs)) {
    const same = cut.filter((format) => isSameFormat(format, first));
    return plan(
      'repacketize',
      [...same, ...events],
      to.formats.find((format) => isSameFormat(format, first)),
    );
  }
  const strange = events.filter((format) => !isShared(format));
  return strange.length > 0 && toEvents ? plan('events', strange) : undefined;
}

/**
 * Bytes of one tick of the RTP clock, all channels together; 0 where a payload cannot be cut between samples.
 * G.722 has 8 bits a tick, of two samples each (RFC 3551 §4.5.2).
 */
export function bytesPerFrame({ encoding, channels, clockRateHz }: PayloadFormat): number {
  if (clockRateHz < SLOWEST_CLOCK_HZ) return 0;
  if (encoding === 'l16') return 2 * channels;
  return encoding === 'pcmu' || encoding === 'pcma' || encoding === 'g722' ? channels : 0;
}

/**
 * How long the packets of a format are that a party gets.
 *
 * @param ptimeMs - that its SDP wishes for
 * @returns 10 to 60; Opus 20 where no encoder makes frames of that length (RFC 6716 §2.1.4)
 */
export function frameMsFor({ encoding }: PayloadFormat, ptimeMs: number): number {
  if (encoding === 'opus') return OPUS_PTIMES_MS.includes(ptimeMs) ? ptimeMs : 20;
  return Math.min(LONGEST_PTIME_MS, Math.max(SHORTEST_PTIME_MS, Math.round(ptimeMs / 10) * 10 || 20));
}
