// The media engine, as call control sees it.

export type { LegFacts } from '../leg/facts.ts';
export {
  DEFAULT_INACTIVITY_MS,
  DEFAULT_PORT_RANGE,
  InlineMediaEngine,
  type InlineMediaEngineOptions,
  type MediaEngineOptions,
} from './inline-media-engine.ts';
export { PortAllocator, type PortRange } from './port-allocator.ts';
export type * from './types.ts';
