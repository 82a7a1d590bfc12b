// The quality of calls, told to others and by others.
export { CallQuality, type CallQualityOptions } from './call-quality.ts';
export { followLive, readLive } from './follow.ts';
export type * from './types.ts';
