// Redundant audio data (RFC 2198): packets that carry copies of the ones before them.
export * from './red-blocks.ts';
export * from './red-receiver.ts';
export * from './red-sender.ts';
export * from './red-types.ts';
