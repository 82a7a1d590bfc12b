// Packets that came, and came too late: thrown away by a buffer, theirs (RFC 3611 §4.7.1, discard rate) or ours.
import type { DirectionEvidence } from '../evidence.ts';
import { fromParty, type Said, toParty } from '../finding.ts';
import {
  ENOUGH_PACKETS,
  JITTER_FAULT_MS,
  JITTER_RISK_MS,
  LOSS_FAULT_RATIO,
  LOSS_RISK_RATIO,
} from '../thresholds.ts';
import type { Finding } from '../types.ts';
import { milliseconds, msEvidence, percent, percentEvidence } from '../words.ts';
import { ofEachLeg, type Rule } from './rule.ts';

/** A buffer that threw packets away. */
interface Late {
  readonly listener: string;
  /** `bob's phone`. */
  readonly where: string;
  readonly discardRatio: number;
  readonly quality: DirectionEvidence | null;
}

const LATE = ofEachLeg((leg) => {
  const { inbound, sent } = leg.report;
  const findings: Finding[] = [];
  const theirs = leg.measuredThere?.discardRatio ?? 0;
  if (theirs >= LOSS_RISK_RATIO && sent >= ENOUGH_PACKETS) {
    const late = { listener: leg.name, where: `${leg.name}'s phone`, quality: leg.heard };
    findings.push(toParty('late-loss', leg, said({ ...late, discardRatio: theirs })));
  }
  const ours =
    inbound.packets >= ENOUGH_PACKETS ? Math.min(1, (inbound.discarded ?? 0) / inbound.packets) : 0;
  if (ours >= LOSS_RISK_RATIO) {
    const late = { listener: leg.otherName, where: 'this server', quality: inbound };
    findings.push(fromParty('late-loss', leg, said({ ...late, discardRatio: ours })));
  }
  return findings;
});

function said({ listener, where, discardRatio, quality }: Late): Said {
  const jitterMs = quality?.maxJitterMs ?? quality?.jitterMs ?? null;
  const isShaky = (jitterMs ?? 0) >= JITTER_FAULT_MS;
  const { why, mend } = causeOf(where, jitterMs);
  return {
    severity: discardRatio >= LOSS_FAULT_RATIO || isShaky ? 'fault' : 'risk',
    sentence: `${percent(discardRatio)} of the packets for ${listener} reached ${where} too late to be played${why}`,
    mend,
    evidence: [
      percentEvidence('too late', discardRatio),
      ...(jitterMs === null ? [] : [msEvidence('greatest jitter', jitterMs)]),
    ],
  };
}

function causeOf(where: string, jitterMs: number | null): { readonly why: string; readonly mend: string } {
  // What came in time and was thrown away all the same waited inside: in a computer that had no time for it.
  if (jitterMs !== null && jitterMs < JITTER_RISK_MS) {
    return {
      why: `, though the network was steady (jitter ${milliseconds(jitterMs)}): ${where} stalls`,
      mend: `see what else keeps the processor of ${where} busy, or let its jitter buffer be larger`,
    };
  }
  return {
    why: jitterMs === null ? '' : ` (jitter up to ${milliseconds(jitterMs)})`,
    mend: 'let the jitter buffer of the phone be larger or adaptive, and give voice (DSCP EF) precedence in the router',
  };
}

/** Late packets. */
export const LATE_RULES: readonly Rule[] = [LATE];
