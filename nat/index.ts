// How two hosts find a path.
export { demultiplex, type SharedPortProtocol } from './demultiplex.ts';
export * from './ice/index.ts';
export type * from './path/types.ts';
export * from './stun/index.ts';
export * from './turn/types.ts';
export { formatTurnUri, parseStunUri, parseTurnUri, type StunServerAddress } from './turn/uri.ts';
