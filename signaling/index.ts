// The signaling room: who talks to whom.
export * from './digest/index.ts';
export type * from './endpoint/types.ts';
export * from './message/index.ts';
export * from './registrar/index.ts';
export * from './sdp/index.ts';
export type * from './session/types.ts';
export type * from './transport/types.ts';
export type * from './user-agent/types.ts';
