// A leg: one party's sound.
export { DISCARD_REASONS, type DiscardReason, LegCounters } from './counters.ts';
export { FormatTable } from './format-table.ts';
export { Latch } from './latch.ts';
export { Leg, type LegListener, type LegOptions } from './leg.ts';
