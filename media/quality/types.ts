// Call quality as it is reported: null where nobody measured.

/** One direction of sound, as one end saw it. */
export interface DirectionQuality {
  /** Packets that arrived (or were sent, in the sender's own view). */
  readonly packets: number;
  /** Cumulative loss of RFC 3550 §6.4.1: expected less received; negative with duplicates. */
  readonly lost: number;
  /** 0 to 1. */
  readonly lossRatio: number | null;
  /** Arrived, and thrown away by the receiver: too late or too early for its buffer. */
  readonly discarded: number | null;
  /** RFC 3550 A.8, in milliseconds. */
  readonly jitterMs: number | null;
  /** Largest smoothed jitter of the call. */
  readonly maxJitterMs: number | null;
  readonly rFactor: number | null;
  readonly mosLq: number | null;
  readonly mosCq: number | null;
  /**
   * Of packets that were lost or discarded, in the order of their numbers; of what we sent by the party's XR report. Null
   * where nothing came, or nobody told.
   */
  readonly burstGap: BurstGap | null;
}

/** One direction of a call over time: equal intervals, oldest first; null for an interval without packets or report. */
export interface QualityHistory {
  readonly intervalMs: number;
  /** With the delay, as far as it was known then; without one it is the rating of listening. */
  readonly rFactor: readonly (number | null)[];
  readonly mosLq: readonly (number | null)[];
  /** Null also where no delay was known yet. */
  readonly mosCq: readonly (number | null)[];
}

/** What is known of both directions of one RTP session. */
export interface QualityReport {
  readonly codec: string | null;
  /** What we received from the party, measured here. */
  readonly inbound: DirectionQuality;
  /** What the party received from us, by its RTCP reports; null where it never reported. */
  readonly outbound: DirectionQuality | null;
  /** By RTCP (RFC 3550 §6.4.1: LSR and DLSR). */
  readonly roundTripMs: number | null;
  readonly minRoundTripMs: number | null;
  readonly maxRoundTripMs: number | null;
  /** MOS-LQ of what arrived, over time, one value every `mosIntervalMs`; null for a gap. */
  readonly mosHistory: readonly (number | null)[];
  readonly mosIntervalMs: number;
  /** Second by second since the first packet came, measured here; its `mosLq` is `mosHistory`. */
  readonly inboundHistory: QualityHistory;
  /**
   * Since the first packet was sent, by what the party reported: a report tells of all seconds since the one before, and
   * each of them has its value. Empty where it never reported.
   */
  readonly outboundHistory: QualityHistory;
  /** The last VoIP metrics that the party sent (RFC 3611 §4.7): what it measured of our stream; null where it sent none. */
  readonly reportedByParty: VoipMetrics | null;
}

/** Loss in bursts and gaps (RFC 3611 §4.7.2, with Gmin of 16): what is lost or discarded together hurts more. */
export interface BurstGap {
  /** 0 to 1: lost and discarded packets of all in bursts. */
  readonly burstDensity: number;
  /** 0 to 1: the same between bursts. */
  readonly gapDensity: number;
  /** Means. */
  readonly burstMs: number;
  readonly gapMs: number;
}

/**
 * VoIP metrics as one end tells the other (RFC 3611 §4.7); null where the block says that nothing was measured (127 or
 * 0x8000), or what it says cannot be.
 */
export interface VoipMetrics extends BurstGap {
  /** 0 to 1. */
  readonly lossRatio: number;
  readonly discardRatio: number;
  readonly roundTripMs: number | null;
  /** In the far end: playing and sending. */
  readonly endSystemDelayMs: number | null;
  /** dBm0 of speech and of what is between. */
  readonly signalLevelDbm: number | null;
  readonly noiseLevelDbm: number | null;
  /** Residual echo return loss, dB. */
  readonly echoReturnLossDb: number | null;
  readonly rFactor: number | null;
  readonly mosLq: number | null;
  readonly mosCq: number | null;
  readonly concealment: 'unspecified' | 'disabled' | 'enhanced' | 'standard';
  readonly jitterBuffer: {
    readonly isAdaptive: boolean | null;
    readonly nominalMs: number;
    readonly maximumMs: number;
    readonly absoluteMaximumMs: number;
  };
}

/** What a playout buffer adds to what the network did: a live view, read whenever quality is computed. */
export interface PlayoutStatistics {
  /** Packets that arrived and were thrown away: too late, too early, no room. */
  readonly discarded: number;
  /** Packets that never came or came too late, and were played from a copy all the same. */
  readonly recovered: number;
  /** How long a frame waits from arrival to playing; null before the first frame plays. */
  readonly delayMs: number | null;
  /**
   * Of all packets whose turn has passed, those that were neither played nor made good from a copy, in order; the
   * network's losses alone where not given.
   */
  readonly losses?: OrderedLosses | undefined;
  /** What the buffer is; unknown where not given. */
  readonly buffer?: VoipMetrics['jitterBuffer'];
}

/** Losses in the order of their packets, as far as they were judged. */
export interface OrderedLosses {
  readonly lost: number;
  readonly lossRuns: number;
  burstRatio(packets: number): number;
  at(packets: number, packetMs: number): BurstGap | null;
}
