// A phone's RTP session and its playout buffer.
export { PLAYOUT_DELAY_MS, PlayoutBuffer, type PlayoutStep } from './playout-buffer.ts';
export { type DatagramSource, RtpSession } from './rtp-session.ts';
export type * from './types.ts';
