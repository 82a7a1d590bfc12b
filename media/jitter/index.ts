// The jitter buffer: timing only, no samples.
export * from './jitter-buffer.ts';
export type * from './types.ts';
