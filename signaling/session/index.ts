// Sessions: the INVITE usage of a dialog (RFC 3261 §13 to §15, RFC 3262, RFC 3311, RFC 4028).
export { ALLOW, NO_ADDRESS, SDP_TYPE, SUPPORTED_OPTIONS } from './constants.ts';
export type { SessionHost } from './host.ts';
export { judgeExtensions, type Refusal } from './in-dialog-request.ts';
export { IncomingInvite } from './incoming-session.ts';
export { OutgoingInvite } from './outgoing-session.ts';
export { respond, SessionBase } from './session-base.ts';
export { isTooShort, MIN_SE_SECONDS } from './session-refresh.ts';
export { TimerScheduler } from './timers.ts';
export type * from './types.ts';
