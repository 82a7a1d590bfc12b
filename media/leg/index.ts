// A leg: one party's sound.
export { DISCARD_REASONS, type DiscardReason, LegCounters } from './counters.ts';
export type { LegFacts } from './facts.ts';
export {
  eventFormatFor,
  FormatTable,
  isComfortNoise,
  isEventFormat,
  isSameFormat,
  isSoundFormat,
} from './format-table.ts';
export { Latch } from './latch.ts';
export { Leg } from './leg.ts';
export type { LegIceFacts } from './leg-ice.ts';
export type { LegListener, LegOptions } from './leg-options.ts';
export type { PacketTap } from './packet-tap.ts';
export { type Conversion, type Destination, type PacketOutcome, Passage } from './passage.ts';
export { ToneTap } from './tone-tap.ts';
