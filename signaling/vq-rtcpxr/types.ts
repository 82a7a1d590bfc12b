// Voice quality as one end of a call tells a collector (RFC 6035).
import type { Endpoint } from '../../core/index.ts';

/** Content-Type of the body, and name of the event package that carries it. */
export const VQ_RTCPXR_TYPE = 'application/vq-rtcpxr';
export const VQ_RTCPXR_EVENT = 'vq-rtcpxr';

/** Figures of one direction; null where the report does not say. RFC 6035 §4.6.2, in the order of its lines. */
export interface VqNumbers {
  readonly payloadType: number | null;
  readonly sampleRateHz: number | null;
  readonly frameMs: number | null;
  readonly packetsPerSecond: number | null;
  /** 0 unspecified, 1 disabled, 2 enhanced, 3 standard. */
  readonly concealment: number | null;
  /** 0 unknown, 2 not adaptive, 3 adaptive. */
  readonly jitterBufferAdaptive: number | null;
  readonly jitterBufferRate: number | null;
  readonly jitterBufferNominalMs: number | null;
  readonly jitterBufferMaximumMs: number | null;
  readonly jitterBufferAbsoluteMaximumMs: number | null;
  /** Ratios and densities are 0 to 1 here and percents in the text. */
  readonly lossRatio: number | null;
  readonly discardRatio: number | null;
  readonly burstDensity: number | null;
  readonly burstMs: number | null;
  readonly gapDensity: number | null;
  readonly gapMs: number | null;
  readonly minimumGap: number | null;
  readonly roundTripMs: number | null;
  readonly endSystemDelayMs: number | null;
  /** Symmetric one-way delay: half the round trip and the delay of both ends. */
  readonly oneWayDelayMs: number | null;
  readonly jitterMs: number | null;
  /** Mean absolute jitter (ITU-T G.1020). */
  readonly meanAbsoluteJitterMs: number | null;
  readonly signalLevelDbm: number | null;
  readonly noiseLevelDbm: number | null;
  readonly echoReturnLossDb: number | null;
  /** 0 to 120: of listening, of conversation, and of a network beyond. */
  readonly rFactorLq: number | null;
  readonly rFactorCq: number | null;
  readonly externalRFactor: number | null;
  readonly mosLq: number | null;
  readonly mosCq: number | null;
}

/** What one end measured, or was told by the other. */
export interface VqMetrics extends VqNumbers {
  /** RFC 3339 in UTC. */
  readonly start: string | null;
  readonly stop: string | null;
  /** Name of the codec: `PCMU`. */
  readonly codec: string | null;
}

/** Where sound is sent from. */
export interface VqAddress extends Endpoint {
  readonly ssrc: number | null;
}

/** What crossed a threshold. */
export interface VqAlert {
  /** `RLQ`, `NLR` …: a name of the metrics. */
  readonly metric: string;
  readonly severity: 'warning' | 'critical' | 'clear' | null;
  readonly direction: 'local' | 'remote' | null;
}

/** One report; null where it does not say. */
export interface VqReport {
  readonly kind: 'session' | 'interval' | 'alert';
  /** `CallTerm`: the last report of its call. */
  readonly isFinal: boolean;
  /** Of kind `alert` alone. */
  readonly alert: VqAlert | null;
  /** Of the dialog that is reported on. */
  readonly callId: string;
  /** Name-addr as text. */
  readonly localId: string | null;
  readonly remoteId: string | null;
  /** Who began the call. */
  readonly origId: string | null;
  readonly localAddress: VqAddress | null;
  readonly remoteAddress: VqAddress | null;
  /** What the reporter received. */
  readonly local: VqMetrics | null;
  /** What its far end received, as that said by RTCP. */
  readonly remote: VqMetrics | null;
  /** Tags of the dialog. */
  readonly toTag: string | null;
  readonly fromTag: string | null;
}
