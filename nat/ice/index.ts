// Finding a path by trying all of them (RFC 8445).
export { formatCandidate, parseCandidate } from './candidate-text.ts';
export { type CheckFault, type IncomingCheck, isAnswerOf, verifyCheck } from './check-message.ts';
export { createIceCredentials, isSameCredentials } from './credentials.ts';
export { IceLite, type IceLiteOptions, type LiteCheck } from './lite.ts';
export type * from './types.ts';
