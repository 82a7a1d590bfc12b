// The quality of both directions of a session, from what was counted here and reported there.
import {
  type BurstGap,
  codecImpairment,
  type DirectionQuality,
  directionQuality,
  type QualityReport,
  type VoipMetrics,
} from '../quality/index.ts';
import type { InboundStream } from './inbound-stream.ts';
import type { OutboundStream } from './outbound-stream.ts';
import { LONGEST_JITTER_MS } from './report-check.ts';

/** Of what we send no times are kept: a burst of packets is told as long as at this length, which nearly all have. */
const USUAL_PACKET_MS = 20;

export interface QualityInputs {
  readonly inbound: InboundStream;
  readonly outbound: OutboundStream;
  /** `opus`, `pcmu` …: of the session; null before anything was agreed on. */
  readonly codec: string | null;
  readonly concealment: boolean;
  /** Thrown away by a playout buffer; null where there is none. */
  readonly discarded: number | null;
  /** Lost or thrown away, and played from a copy; none where not given. */
  readonly recovered?: number;
  /** How long frames wait to be played; null where that is not known. */
  readonly playoutDelayMs: number | null;
  /** Of the playout buffer; none where not given. */
  readonly buffer?: VoipMetrics['jitterBuffer'];
}

export function buildQualityReport(inputs: QualityInputs): QualityReport {
  const { inbound, outbound, codec } = inputs;
  const { roundTrip } = outbound;
  const history = inbound.history();
  return {
    codec,
    inbound: inboundQuality(inputs),
    outbound: outboundQuality(inputs),
    roundTripMs: roundTrip.lastMs,
    minRoundTripMs: roundTrip.minMs,
    maxRoundTripMs: roundTrip.maxMs,
    mosHistory: history.mosLq,
    mosIntervalMs: history.intervalMs,
    inboundHistory: history,
    outboundHistory: outbound.history(),
    reportedByParty: outbound.reportedMetrics ?? null,
  };
}

/** What came, as it was measured here. */
export function inboundQuality(inputs: QualityInputs): DirectionQuality {
  const { inbound, outbound, discarded, recovered = 0, playoutDelayMs } = inputs;
  const { expected, received } = inbound;
  const networkMs = half(outbound.roundTrip.lastMs);
  return directionQuality({
    packets: received,
    expected: expected > 0 ? expected : undefined,
    lost: expected - received,
    discarded,
    recovered,
    jitterMs: inbound.jitterMs,
    maxJitterMs: inbound.maxJitterMs,
    burstGap: inbound.burstGap,
    burstRatio: inbound.burstRatio,
    // What a party sends need not be what it takes.
    codec: impairment({ ...inputs, codec: inbound.encoding ?? inputs.codec }),
    // A relay does not know how long the phone keeps frames; the network's part is a lower bound that we can stand by.
    oneWayMs: networkMs === null ? null : networkMs + (playoutDelayMs ?? 0),
  });
}

function outboundQuality(inputs: QualityInputs): DirectionQuality | null {
  const { outbound } = inputs;
  const { remoteView, clockRateHz, expectedAtParty, reportedMetrics, reportedLosses } = outbound;
  if (!remoteView) return null;
  const toMs = (ticks: number) => {
    const ms = (ticks * 1000) / clockRateHz;
    return ms <= LONGEST_JITTER_MS ? ms : null;
  };
  const jitterMs = toMs(remoteView.interarrivalJitter);
  const { maxRemoteJitter } = outbound;
  return directionQuality({
    packets: outbound.sent,
    expected: expectedAtParty,
    lost: outbound.lostAtParty,
    discarded: reportedMetrics ? Math.round(reportedMetrics.discardRatio * (expectedAtParty ?? 0)) : null,
    jitterMs,
    // All that it said of jitter can have been impossible.
    maxJitterMs: jitterMs === null && maxRemoteJitter === 0 ? null : toMs(maxRemoteJitter),
    burstGap: reportedMetrics
      ? burstGapOf(reportedMetrics)
      : (reportedLosses?.burstGap(USUAL_PACKET_MS) ?? null),
    burstRatio: reportedLosses?.burstRatio ?? 1,
    codec: impairment(inputs),
    oneWayMs: outbound.oneWayMs,
  });
}

function burstGapOf({ burstDensity, gapDensity, burstMs, gapMs }: VoipMetrics): BurstGap {
  return { burstDensity, gapDensity, burstMs, gapMs };
}

function impairment({ codec, concealment }: QualityInputs) {
  return codec === null ? undefined : codecImpairment(codec, concealment);
}

function half(ms: number | null): number | null {
  return ms === null ? null : ms / 2;
}
