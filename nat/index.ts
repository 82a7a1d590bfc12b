// How two hosts find a path.
export * from './behaviour/index.ts';
export { demultiplex, type SharedPortProtocol } from './demultiplex.ts';
export * from './ice/index.ts';
export * from './keepalive/index.ts';
export * from './path/index.ts';
export * from './stun/index.ts';
export {
  CHANNEL_DATA_HEADER_BYTES,
  type ChannelData,
  decodeChannelData,
  encodeChannelData,
  FIRST_CHANNEL,
  isChannelData,
  LAST_CHANNEL,
} from './turn/channel-data.ts';
export * from './turn/client/index.ts';
export * from './turn/lifetimes.ts';
export * from './turn/server/index.ts';
export * from './turn/types.ts';
export {
  formatStunUri,
  formatTurnUri,
  parseStunUri,
  parseTurnUri,
  type StunServerAddress,
} from './turn/uri.ts';
export * from './turn/worker/index.ts';
