// A report to start from.
import type { CallReport } from '../../../../softphone/report/index.ts';

export const DIRECTION: CallReport['inbound'] = {
  packets: 500,
  bytes: 50_000,
  lost: 2,
  lossRatio: 0.004,
  discarded: 1,
  jitterMs: 1.25,
  maxJitterMs: 3.5,
  rFactor: 92.1,
  mosLq: 4.39,
  mosCq: 4.35,
  burstGap: null,
  levelDbov: -21.4,
  playout: null,
};

/** What nobody measured. */
export const UNMEASURED: CallReport['outbound'] = {
  packets: 10,
  bytes: 1600,
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

/** Of a good call. */
export const REPORT: CallReport = {
  callId: 'x',
  direction: 'outgoing',
  local: 'sip:alice@a',
  remote: 'sip:bob@b',
  isAnswered: true,
  status: 200,
  endedBy: 'local',
  reason: 'ended here',
  startedAt: '2026-01-01T00:00:00.000Z',
  setup: { ringingMs: 35.4, answeredMs: 120 },
  durationMs: 10_040,
  codec: 'opus/48000',
  path: null,
  inbound: DIRECTION,
  outbound: { ...DIRECTION, lost: 0, mosCq: 4.1 },
  farEnd: null,
  farEndMetrics: null,
  roundTripMs: 1.5,
  minRoundTripMs: 1,
  maxRoundTripMs: 2,
  digits: '',
  mosHistory: [4.4, null, 3.2],
  mosIntervalMs: 5000,
  inboundHistory: null,
  outboundHistory: null,
  silentTailMs: 20,
  discardedByReason: {},
  recording: null,
  recordingFailure: null,
  failure: null,
};

/** Of a far end that sends extended reports. */
export const FAR_END_METRICS: NonNullable<CallReport['farEndMetrics']> = {
  burstDensity: 0.75,
  gapDensity: 0.01,
  burstMs: 80,
  gapMs: 1920,
  lossRatio: 0.04,
  discardRatio: 0.0117,
  roundTripMs: 30,
  endSystemDelayMs: 61,
  signalLevelDbm: null,
  noiseLevelDbm: null,
  echoReturnLossDb: 55,
  rFactor: 77,
  mosLq: 3.9,
  mosCq: 3.8,
  concealment: 'enhanced',
  jitterBuffer: { isAdaptive: true, nominalMs: 40, maximumMs: 400, absoluteMaximumMs: 400 },
};
