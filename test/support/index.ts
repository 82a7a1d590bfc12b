// What tests take: the virtual world, scenarios, tones.
export * from '../../media/impairment/index.ts';
export type { LogLine } from './collecting-log.ts';
export * from './empty-tables.ts';
export { Host } from './host.ts';
export * from './ladder.ts';
export { Nat, type NatOptions } from './nat.ts';
export * from './nat-table.ts';
export { ANYONE } from './network/links.ts';
export type { LossReason } from './network/packet.ts';
export * from './scenario.ts';
export { VIRTUAL_START_MS, VIRTUAL_WALL_CLOCK_START_MS } from './scheduler.ts';
export * from './tones.ts';
export type { Tap, Trace, TracedMessage } from './trace.ts';
export * from './world.ts';
