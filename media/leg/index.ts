// A leg: one party's sound.
export { DISCARD_REASONS, type DiscardReason } from './counters.ts';
export { Leg, type LegListener, type LegOptions } from './leg.ts';
