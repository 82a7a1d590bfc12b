// The user agent: what the phone system and the softphone both own.
export { CAPABILITY_HEADERS } from './capabilities.ts';
export { SipUserAgent } from './sip-user-agent.ts';
export type * from './types.ts';
