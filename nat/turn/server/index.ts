// The TURN server (RFC 8656).
export type { TurnCounters } from './counters.ts';
export { timeLimitedCredentials } from './credentials.ts';
export type { LocalPeer } from './local-peers.ts';
export * from './options.ts';
export { type RunningTurnServer, startTurnServer, type TurnListening } from './start-turn-server.ts';
