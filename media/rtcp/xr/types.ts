// Extended reports (RFC 3611) as values.
import type { VoipMetrics } from '../../quality/types.ts';

/** RFC 3611 §6.1. */
export const XR_PACKET_TYPE = 207;

/** RFC 3611 §4, by the numbers in which blocks name their kind. */
export const XR_BLOCK_TYPE = {
  lossRle: 1,
  duplicateRle: 2,
  receiverReferenceTime: 4,
  dlrr: 5,
  statisticsSummary: 6,
  voipMetrics: 7,
} as const;

/** Which packets of an interval were lost, or doubled, as run lengths (RFC 3611 §4.1, §4.2): see `forEachRun`. */
export interface RunLengthBlock {
  readonly kind: 'lossRle' | 'duplicateRle';
  readonly ssrc: number;
  /** Of 0 to 15: only packets whose number is a multiple of 2 to its power are told of. */
  readonly thinning: number;
  /** The first number, and the one behind the last, 16 bit. */
  readonly beginSequence: number;
  readonly endSequence: number;
  /** As they came: each claims as many packets as it likes. */
  readonly chunks: readonly number[];
}

/** The sender's clock, for whoever wants to answer it (RFC 3611 §4.4). */
export interface ReceiverReferenceTimeBlock {
  readonly kind: 'receiverReferenceTime';
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
}

/** The answer (RFC 3611 §4.5): as LSR and DLSR of a report block, for one that sends no sound. */
export interface DlrrBlock {
  readonly kind: 'dlrr';
  readonly entries: readonly {
    readonly ssrc: number;
    /** Middle 32 bits of the NTP time; 0 where none came. */
    readonly lastRr: number;
    /** In 1/65536 s. */
    readonly delaySinceLastRr: number;
  }[];
}

/** RFC 3611 §4.6; what the block does not hold is null. Jitter in timestamp ticks. */
export interface StatisticsSummaryBlock {
  readonly kind: 'statisticsSummary';
  readonly ssrc: number;
  readonly beginSequence: number;
  readonly endSequence: number;
  readonly lost: number | null;
  readonly duplicates: number | null;
  readonly jitter: Spread | null;
  /** TTL of IPv4, or hop limit of IPv6. */
  readonly hops: Spread | null;
}

export interface Spread {
  readonly least: number;
  readonly most: number;
  readonly mean: number;
  readonly deviation: number;
}

/** RFC 3611 §4.7. */
export interface VoipMetricsBlock {
  readonly kind: 'voipMetrics';
  readonly ssrc: number;
  /** Packets received in a row that end a burst; 16 where not given. */
  readonly gmin?: number;
  readonly metrics: VoipMetrics;
  /** Whether a value was none that RFC 3611 allows: it is null then. */
  readonly isImpossible?: boolean;
}

export type XrBlock =
  | RunLengthBlock
  | ReceiverReferenceTimeBlock
  | DlrrBlock
  | StatisticsSummaryBlock
  | VoipMetricsBlock;

export interface ExtendedReport {
  readonly type: 'XR';
  readonly ssrc: number;
  /** Those that are known; others are passed over (RFC 3611 §3). */
  readonly blocks: readonly XrBlock[];
}
