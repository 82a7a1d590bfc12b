// The signaling room: who talks to whom.
export * from './message/index.ts';
