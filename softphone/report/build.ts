// Puts together what signaling and media know of a call.
import type { QualityReport, ReceiverStatistics, RtpSessionCounters } from '../../media/index.ts';
import { formatUri, type Session, type SessionEnd } from '../../signaling/index.ts';
import type { CallTimeline } from '../call-timeline.ts';
import type { SecuredFacts } from '../secure/secure-peer.ts';
import { type PathReportFacts, pathReportOf, securedPathOf } from './path.ts';
import type { CallReport, DirectionReport } from './types.ts';

/** What the sound of a call knows of itself. */
export interface MediaReport {
  /** `opus/48000`; null before anything was agreed on. */
  readonly codec: string | null;
  readonly path: PathReportFacts;
  readonly quality: QualityReport;
  readonly counters: RtpSessionCounters;
  /** Of the jitter buffer; null where nothing was received. */
  readonly playout: ReceiverStatistics | null;
  /** Levels of everything so far; null where nothing was heard or sent. */
  readonly heardDbov: number | null;
  readonly sentDbov: number | null;
  readonly digits: string;
  /** See `CallReport.silentTailMs`. */
  readonly silentTailMs: number;
  readonly recording: string | null;
  /** Known when the sound was closed. */
  readonly recordingFailure: string | null;
}

export interface ReportFacts {
  readonly session: Session;
  readonly timeline: CallTimeline;
  readonly now: number;
  /** undefined while the call lives. */
  readonly end: SessionEnd | undefined;
  /** Why we ended it ourselves, where something failed here. */
  readonly failure: string | undefined;
  readonly media: MediaReport | undefined;
  /** Where the call is secured end to end. */
  readonly secured?: SecuredFacts | undefined;
}

const NOTHING: DirectionReport = {
  packets: 0,
  bytes: 0,
  lost: null,
  lossRatio: null,
  discarded: null,
  jitterMs: null,
  maxJitterMs: null,
  rFactor: null,
  mosLq: null,
  mosCq: null,
  burstGap: null,
  levelDbov: null,
  playout: null,
};

export function buildReport(facts: ReportFacts): CallReport {
  const { session, timeline, end, media } = facts;
  const quality = media?.quality;
  return {
    callId: session.callId,
    direction: session.direction,
    local: formatUri(session.local.uri),
    remote: formatUri(session.remote.uri),
    isAnswered: timeline.isAnswered,
    status: timeline.isAnswered ? 200 : (end?.status ?? null),
    endedBy: end?.by ?? null,
    reason: reasonOf(facts),
    failure: facts.failure ?? null,
    startedAt: timeline.startedText,
    setup: timeline.setup,
    durationMs: timeline.durationMsAt(facts.now),
    codec: media?.codec ?? null,
    path: pathOf(facts),
    silentServers: media?.path.silentServers ?? [],
    secured: securedOf(facts),
    inbound: media ? inboundOf(media) : NOTHING,
    outbound: media ? outboundOf(media) : NOTHING,
    farEnd: quality?.outbound ?? null,
    farEndMetrics: quality?.reportedByParty ?? null,
    roundTripMs: quality?.roundTripMs ?? null,
    minRoundTripMs: quality?.minRoundTripMs ?? null,
    maxRoundTripMs: quality?.maxRoundTripMs ?? null,
    digits: media?.digits ?? '',
    mosHistory: quality?.mosHistory ?? [],
    mosIntervalMs: quality?.mosIntervalMs ?? 0,
    inboundHistory: quality?.inboundHistory ?? null,
    outboundHistory: quality?.outboundHistory ?? null,
    silentTailMs: media?.silentTailMs ?? 0,
    discardedByReason: media?.counters.discarded ?? {},
    recording: media?.recording ?? null,
    recordingFailure: media?.recordingFailure ?? null,
  };
}

function securedOf({ secured }: ReportFacts): CallReport['secured'] {
  if (!secured) return null;
  const { fingerprint, ownFingerprint = null } = secured;
  return { protocol: 'DTLS-SRTP', fingerprint: fingerprint || null, ownFingerprint };
}

function pathOf({ secured, media, timeline }: ReportFacts): CallReport['path'] {
  if (secured) return securedPathOf(secured, timeline.msAfterAnswer(secured.connectedAt));
  return media ? pathReportOf(media.path, timeline.msAfterAnswer(media.path.firstFoundAt)) : null;
}

function inboundOf({ quality, counters, playout, heardDbov }: MediaReport): DirectionReport {
  const { inbound } = quality;
  const isSilent = inbound.packets === 0;
  return {
    ...inbound,
    // Nobody can say what is lost of a stream that never began.
    lost: isSilent ? null : inbound.lost,
    bytes: counters.receivedBytes,
    levelDbov: heardDbov,
    playout,
  };
}

function outboundOf({ quality, counters, sentDbov }: MediaReport): DirectionReport {
  return {
    ...NOTHING,
    ...quality.outbound,
    packets: counters.sent,
    bytes: counters.sentBytes,
    levelDbov: sentDbov,
  };
}

function reasonOf({ end, failure, timeline }: ReportFacts): string {
  if (failure !== undefined) return failure;
  if (!end) return 'not over yet';
  if (!timeline.isAnswered || (end.by !== 'local' && end.by !== 'remote')) return end.reason;
  return end.by === 'local' ? 'ended here' : 'ended by the far end';
}
