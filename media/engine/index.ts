// The media engine, as call control sees it.

export type { LegFacts } from '../leg/facts.ts';
export { InlineMediaEngine } from './inline-media-engine.ts';
export * from './options.ts';
export { PortAllocator, type PortRange } from './port-allocator.ts';
export type * from './types.ts';
