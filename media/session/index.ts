// A phone's RTP session.
export { type DatagramSource, RtpSession } from './rtp-session.ts';
export type * from './types.ts';
