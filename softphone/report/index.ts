// Reports of calls.
export * from './exit-status.ts';
export * from './figures.ts';
export { keysText } from './keys.ts';
export { type CallPathReport, pathText } from './path.ts';
export { qualityTable, type ShownQuality } from './quality-table.ts';
export { sparkline } from './sparkline.ts';
export * from './text.ts';
export type * from './types.ts';
