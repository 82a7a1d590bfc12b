// Finding a path by trying all of them (RFC 8445).
export { IceAgent } from './agent.ts';
export { formatCandidate, parseCandidate } from './candidate-text.ts';
export { type CheckFault, type IncomingCheck, isAnswerOf, verifyCheck } from './check-message.ts';
export type { Arrival } from './checker.ts';
export type { IceCounters } from './counters.ts';
export { createIceCredentials, isSameCredentials } from './credentials.ts';
export { canReach, isCheckable } from './destination.ts';
export { candidateFoundation, type FoundationFacts } from './foundation.ts';
export { IceLite, type IceLiteOptions, type LiteCheck } from './lite.ts';
export { candidatePriority, HIGHEST_LOCAL_PREFERENCE, pairPriority } from './priority.ts';
export type * from './types.ts';
