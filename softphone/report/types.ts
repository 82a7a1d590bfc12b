// What a phone says of a call when it is over: the same for people, programs and tests.
import type { DirectionQuality, QualityHistory, ReceiverStatistics, VoipMetrics } from '../../media/index.ts';
import type { SessionEnd } from '../../signaling/index.ts';
import type { CallPathReport } from './path.ts';

/** One direction of a call. What nobody measured is null. */
export interface DirectionReport extends Omit<DirectionQuality, 'lost'> {
  readonly lost: number | null;
  /** Of RTP, headers included. */
  readonly bytes: number;
  /** Level of the sound: what was decoded, or what was to be sent; -127 is digital silence. */
  readonly levelDbov: number | null;
  /** What the jitter buffer did; null where there is none, as for what we sent. */
  readonly playout: ReceiverStatistics | null;
}

/** One call, from the first INVITE to the end. */
export interface CallReport {
  readonly callId: string;
  readonly direction: 'outgoing' | 'incoming';
  /** Addresses as URIs. */
  readonly local: string;
  readonly remote: string;
  readonly isAnswered: boolean;
  /** Final status of the INVITE: 200 where it was answered; null where none came. */
  readonly status: number | null;
  /** Who ended it; null while it goes on. */
  readonly endedBy: SessionEnd['by'] | null;
  /** A sentence on why. */
  readonly reason: string;
  /** What failed here and so ended the call; null where nothing did. */
  readonly failure: string | null;
  /** ISO 8601. */
  readonly startedAt: string;
  /** From the INVITE to the first 180 or 183, and to the 200, in milliseconds. */
  readonly setup: { readonly ringingMs: number | null; readonly answeredMs: number | null };
  /** From the answer to the end. */
  readonly durationMs: number | null;
  /** `opus/48000`; null where no sound was agreed on. */
  readonly codec: string | null;
  /** By what way sound goes, or went last; null where none was agreed on. */
  readonly path: CallPathReport | null;
  /** URIs of STUN and TURN servers that were named for calls, and do not answer. */
  readonly silentServers: readonly string[];
  /** Where keys are known to both ends alone; null where anybody on the way may listen. */
  readonly secured: {
    readonly protocol: 'DTLS-SRTP';
    /** SHA-256 of the far end's certificate. Null before it was seen. */
    readonly fingerprint: string | null;
    /** Of ours. Where the far end has it as that of its far end, and the other way round, nobody is in between. */
    readonly ownFingerprint: string | null;
  } | null;
  /** What we received: measured here. `packets` is what arrived. */
  readonly inbound: DirectionReport;
  /** What we sent; loss, jitter and quality as the far end reported them. `packets` is what left. */
  readonly outbound: DirectionReport;
  /** The last report of the far end as it was; null where it never reported. */
  readonly farEnd: DirectionQuality | null;
  /** The VoIP metrics that it sent last (RFC 3611 §4.7); null where it sent none. */
  readonly farEndMetrics: VoipMetrics | null;
  readonly roundTripMs: number | null;
  readonly minRoundTripMs: number | null;
  readonly maxRoundTripMs: number | null;
  /** Digits that the far end sent (RFC 4733). */
  readonly digits: string;
  /** MOS-LQ of what arrived, one value every `mosIntervalMs`; null where nothing came. */
  readonly mosHistory: readonly (number | null)[];
  readonly mosIntervalMs: number;
  /** R and MOS of both directions over time; what we sent by the far end's reports. Null where there was no sound. */
  readonly inboundHistory: QualityHistory | null;
  readonly outboundHistory: QualityHistory | null;
  /** How long before the end (or now) the last sound came, in milliseconds; on hold 0: nothing is expected then. */
  readonly silentTailMs: number;
  /** Packets that we threw away, by reason. */
  readonly discardedByReason: Readonly<Record<string, number>>;
  /** Where the sound was recorded. */
  readonly recording: string | null;
  /** Why that recording, or what else the sound went to, is not whole; null where it is. */
  readonly recordingFailure: string | null;
}
