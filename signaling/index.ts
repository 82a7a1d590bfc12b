// The signaling room: who talks to whom.

export * from './dialog/index.ts';
export * from './digest/index.ts';
export * from './endpoint/index.ts';
export * from './info-digits/index.ts';
export * from './info-packages/index.ts';
export * from './message/index.ts';
export * from './registrar/index.ts';
export * from './room-commands/index.ts';
export * from './sdp/index.ts';
export type * from './session/types.ts';
export type * from './transport/types.ts';
export * from './turn-server/index.ts';
export * from './user-agent/index.ts';
export * from './vq-rtcpxr/index.ts';
