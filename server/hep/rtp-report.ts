// One direction of a leg as Homer's own probes report an RTP stream: JSON under its protocol number 34.
import { type Endpoint, formatEndpoint } from '../../core/index.ts';
import type { DirectionQuality } from '../../media/index.ts';

export interface RtpReport {
  readonly callId: string;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly codec: string | null;
  readonly quality: DirectionQuality;
  /** Seconds since 1970. */
  readonly reportedAt: number;
  /** 0: from the party to us; 1: from us to the party. */
  readonly direction: 0 | 1;
}

/** The names are those that heplify-server reads; what was not measured is left out, for it would read 0. */
export function rtpReportJson(report: RtpReport): string {
  const { callId, source, destination, codec, quality, reportedAt, direction } = report;
  const { packets, lost, jitterMs, maxJitterMs, rFactor, mosLq, mosCq } = quality;
  const expected = packets + Math.max(0, lost);
  return JSON.stringify({
    CORRELATION_ID: callId,
    RTP_SIP_CALL_ID: callId,
    REPORT_TS: reportedAt,
    TOTAL_PK: packets,
    EXPECTED_PK: expected,
    PACKET_LOSS: Math.max(0, lost),
    JITTER: known(jitterMs),
    MAX_JITTER: known(maxJitterMs),
    MOS: known(mosCq ?? mosLq),
    RFACTOR: known(rFactor),
    CODEC_NAME: codec ?? undefined,
    SRC_IP: source.address,
    SRC_PORT: source.port,
    DST_IP: destination.address,
    DST_PORT: destination.port,
    DIR: direction,
    REPORT_NAME: formatEndpoint(source),
    TYPE: 'HANGUP',
  });
}

function known(value: number | null): number | undefined {
  return value === null ? undefined : Math.round(value * 1000) / 1000;
}
