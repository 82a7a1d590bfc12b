// RTP over bytes: header, extensions, source validity and loss, jitter, demultiplexing.
export * from './audio-level.ts';
export * from './demultiplex.ts';
export * from './header.ts';
export * from './header-extension.ts';
export * from './jitter.ts';
export * from './source.ts';
