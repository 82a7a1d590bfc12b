// The two directions of one RTP session, and its RTCP.
export { InboundStream } from './inbound-stream.ts';
export { ntpFraction, ntpSeconds } from './ntp.ts';
export { OutboundStream } from './outbound-stream.ts';
export { ownMetrics } from './own-metrics.ts';
export { buildQualityReport, type QualityInputs } from './quality-report.ts';
export { RtcpSession } from './rtcp-session.ts';
