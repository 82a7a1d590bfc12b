// RTP over bytes: header, source validity and loss, jitter, demultiplexing.
export * from './demultiplex.ts';
export * from './header.ts';
export * from './jitter.ts';
export * from './source.ts';
