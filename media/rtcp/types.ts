// RTCP packets (RFC 3550 §6) as values; they are rare, so objects are fine here.
import { type ExtendedReport, XR_PACKET_TYPE } from './xr/types.ts';

/** What one receiver says about one source (RFC 3550 §6.4.1). */
export interface ReportBlock {
  readonly ssrc: number;
  /** 8-bit fixed point: 256 would be all. */
  readonly fractionLost: number;
  /** Signed 24 bit. */
  readonly cumulativeLost: number;
  readonly extendedHighestSequenceNumber: number;
  /** In timestamp ticks. */
  readonly interarrivalJitter: number;
  /** Middle 32 bits of the NTP time of the last sender report; 0 where none came. */
  readonly lastSr: number;
  /** In 1/65536 s. */
  readonly delaySinceLastSr: number;
}

export interface SenderReport {
  readonly type: 'SR';
  readonly ssrc: number;
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
  readonly timestamp: number;
  readonly packetCount: number;
  readonly octetCount: number;
  readonly reports: readonly ReportBlock[];
}

export interface ReceiverReport {
  readonly type: 'RR';
  readonly ssrc: number;
  readonly reports: readonly ReportBlock[];
}

export interface SourceDescription {
  readonly type: 'SDES';
  readonly chunks: readonly { readonly ssrc: number; readonly cname: string | undefined }[];
}

export interface Goodbye {
  readonly type: 'BYE';
  readonly sources: readonly number[];
  readonly reason: string | undefined;
}

/** A packet whose kind we do not read (APP, RTPFB, PSFB and unknown ones), known by its number. */
export interface OtherRtcp {
  readonly type: 'other';
  readonly packetType: number;
  /** The five bits after the padding flag: count, format or subtype. */
  readonly count: number;
  /** The first word after the header, where there is one. */
  readonly ssrc: number | undefined;
}

export type RtcpPacket =
  | SenderReport
  | ReceiverReport
  | SourceDescription
  | Goodbye
  | ExtendedReport
  | OtherRtcp;

/** RFC 3550 §12.1, RFC 3611 §6.1. */
export const RTCP_PACKET_TYPE = {
  SR: 200,
  RR: 201,
  SDES: 202,
  BYE: 203,
  APP: 204,
  XR: XR_PACKET_TYPE,
} as const;

/** Longest CNAME that is kept. */
export const MAX_CNAME_BYTES = 255;
