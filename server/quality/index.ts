// The quality of calls, told to others and by others.
export { CallQuality, type CallQualityOptions, type CallReporter } from './call-quality.ts';
export { Collector } from './collector.ts';
export { followLive, readLive } from './follow.ts';
export type * from './types.ts';
