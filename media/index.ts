// What happens to sound: codecs, files, RTP, RTCP, quality, the relay.
export * from './audio/index.ts';
export * from './codec/index.ts';
export type * from './engine/types.ts';
export * from './quality/index.ts';
