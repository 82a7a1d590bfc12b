// Sessions: the INVITE usage of a dialog (RFC 3261 §13 to §15, RFC 3262, RFC 3311, RFC 4028).
export { ALLOW, SDP_TYPE } from './constants.ts';
export type { SessionHost } from './host.ts';
export { IncomingInvite } from './incoming-session.ts';
export { hangUpFork, OutgoingInvite } from './outgoing-session.ts';
export { respond, SessionBase } from './session-base.ts';
export type * from './types.ts';
