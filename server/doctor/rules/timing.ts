// When packets come: jitter, order, the round trip, and clocks that run away.
import type { LegView } from '../call-view.ts';
import { fromParty, ofParty, type Said, toParty } from '../finding.ts';
import {
  DISORDER_RISK_RATIO,
  DRIFT_FAULT_PPM,
  DRIFT_RISK_PPM,
  ENOUGH_PACKETS,
  JITTER_FAULT_MS,
  JITTER_RISK_MS,
  ROUND_TRIP_SWING_MS,
} from '../thresholds.ts';
import type { Finding } from '../types.ts';
import { milliseconds, msEvidence, packetsEvidence, percent, seconds } from '../words.ts';
import { ofEachLeg, type Rule } from './rule.ts';

const FRAME_MS = 20;
/** A swing is one where the least is a small part of the most. */
const SWING_FACTOR = 3;

const JITTER = ofEachLeg((leg) => {
  const { inbound, sent } = leg.report;
  const outbound = leg.heard;
  const findings: Finding[] = [];
  if (inbound.packets >= ENOUGH_PACKETS && isShaky(inbound.jitterMs, inbound.maxJitterMs)) {
    findings.push(fromParty('jitter', leg, jitterSaid(`from ${leg.name}'s phone`, inbound)));
  }
  if (outbound && sent >= ENOUGH_PACKETS && isShaky(outbound.jitterMs, outbound.maxJitterMs)) {
    const before = leg.hearsRelayed ? (leg.other?.report.inbound.maxJitterMs ?? 0) : 0;
    // What is passed on comes as unsteadily as it came here.
    if ((outbound.maxJitterMs ?? 0) > before + JITTER_RISK_MS) {
      findings.push(toParty('jitter', leg, jitterSaid(`to ${leg.name}'s phone`, outbound)));
    }
  }
  return findings;
});

interface Jitter {
  readonly jitterMs: number | null;
  readonly maxJitterMs: number | null;
}

function isShaky(jitterMs: number | null, maxJitterMs: number | null): boolean {
  return (jitterMs ?? 0) >= JITTER_RISK_MS || (maxJitterMs ?? 0) >= JITTER_FAULT_MS;
}

function jitterSaid(way: string, { jitterMs, maxJitterMs }: Jitter): Said {
  const most = Math.max(jitterMs ?? 0, maxJitterMs ?? 0);
  return {
    severity: most >= JITTER_FAULT_MS ? 'fault' : 'risk',
    sentence: `Packets ${way} come unsteadily, with a jitter of up to ${milliseconds(most)}, so buffers delay the sound or drop of it`,
    mend: 'use a cable instead of Wi-Fi, give voice (DSCP EF) precedence in the router, and let the phone buffer adaptively',
    evidence: [
      ...(jitterMs === null ? [] : [msEvidence('jitter at the end', jitterMs)]),
      ...(maxJitterMs === null ? [] : [msEvidence('greatest jitter', maxJitterMs)]),
    ],
  };
}

const DISORDER = ofEachLeg((leg) => {
  const { packets, lost } = leg.report.inbound;
  if (packets < ENOUGH_PACKETS) return undefined;
  const doubled = Math.max(0, -lost);
  const overtaken = Math.max(doubled, leg.facts?.overtaken ?? 0);
  const ratio = Math.min(1, overtaken / packets);
  if (ratio < DISORDER_RISK_RATIO) return undefined;
  // Every double is behind its original; what is behind and not doubled was overtaken.
  const isDoubling = doubled >= overtaken / 2;
  return fromParty('disorder', leg, {
    sentence: isDoubling
      ? `${percent(ratio)} of the packets from ${leg.name}'s phone arrive twice`
      : `${percent(ratio)} of the packets from ${leg.name}'s phone are overtaken by later ones`,
    mend: isDoubling
      ? 'look for a loop, or a mirrored port, between the phone and this server; sound does not suffer by it'
      : 'two lines of unequal length share the load on the way: pin voice to one of them; small buffers lose what comes late',
    evidence: [packetsEvidence('behind a later one', overtaken), packetsEvidence('doubled', doubled)],
  });
});

const ROUND_TRIP = ofEachLeg((leg) => {
  const { minRoundTripMs, maxRoundTripMs } = leg.report;
  if (minRoundTripMs === null || maxRoundTripMs === null) return undefined;
  if (maxRoundTripMs - minRoundTripMs < ROUND_TRIP_SWING_MS) return undefined;
  if (maxRoundTripMs < SWING_FACTOR * minRoundTripMs) return undefined;
  return ofParty('round-trip-spikes', leg, {
    sentence: `The round trip to ${leg.name}'s phone swings between ${milliseconds(minRoundTripMs)} and ${milliseconds(maxRoundTripMs)}: a queue fills up at times`,
    mend: 'something else fills the line: give voice (DSCP EF) precedence in the router, or limit uploads',
    evidence: [
      msEvidence('least round trip', minRoundTripMs),
      msEvidence('greatest round trip', maxRoundTripMs),
    ],
  });
});

const DRIFT = ofEachLeg((leg: LegView) => {
  const ppm = leg.facts?.clockDriftPpm;
  if (ppm == null || Math.abs(ppm) < DRIFT_RISK_PPM) return undefined;
  const everyMs = (FRAME_MS * 1e6) / Math.abs(ppm);
  const [pace, what] = ppm > 0 ? ['fast', 'one packet too many'] : ['slow', 'one packet too few'];
  return fromParty('clock-drift', leg, {
    severity: Math.abs(ppm) >= DRIFT_FAULT_PPM ? 'fault' : 'risk',
    sentence: `The clock of ${leg.name}'s phone runs ${Math.round(Math.abs(ppm))} ppm ${pace}: ${what} every ${seconds(everyMs)}, a click or a growing delay for ${leg.otherName}`,
    mend: `use another sound card or driver on ${leg.name}'s side (USB headsets and virtual machines are known for it), and a phone on ${leg.otherName}'s that stretches time`,
    evidence: [{ name: 'drift', value: Math.round(ppm), unit: 'ppm' }],
  });
});

/** Times. */
export const TIMING_RULES: readonly Rule[] = [JITTER, DISORDER, ROUND_TRIP, DRIFT];
