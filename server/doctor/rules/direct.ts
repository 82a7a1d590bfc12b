// Sound that went past the server: what it was like is known by the phones alone.
import type { LegView } from '../call-view.ts';
import { ofParty, type Said, toParty } from '../finding.ts';
import { GOOD_MOS, LOSS_FAULT_RATIO, LOSS_RISK_RATIO } from '../thresholds.ts';
import type { Evidence } from '../types.ts';
import { packetsEvidence, percent, percentEvidence } from '../words.ts';
import type { Rule } from './rule.ts';

const DIRECT: Rule = (call) => call.directLegs.map((leg) => lossOf(leg) ?? note(leg));

function note(leg: LegView) {
  return ofParty('direct-path', leg, {
    sentence: `${leg.name}'s phone and that of ${leg.otherName} spoke past this server: what was heard is known by their own reports alone`,
    evidence: evidenceOf(leg),
  });
}

/** By the phone's own report (RFC 6035). */
function lossOf(leg: LegView) {
  const own = leg.measuredThere;
  const [lossRatio, lateRatio, mosLq] = [own?.lossRatio ?? 0, own?.discardRatio ?? 0, own?.mosLq ?? null];
  const missing = Math.max(lossRatio, lateRatio);
  const isBad = missing >= LOSS_FAULT_RATIO || (mosLq !== null && mosLq < GOOD_MOS);
  if (!isBad && missing < LOSS_RISK_RATIO) return undefined;
  const late = lateRatio === 0 ? '' : `, ${percent(lateRatio)} of packets that came too late to be played`;
  const mos = mosLq === null ? '' : ` and a MOS of ${mosLq.toFixed(1)}`;
  const said: Said = {
    severity: isBad ? 'fault' : 'risk',
    sentence: `${leg.name}'s phone, which spoke past this server with that of ${leg.otherName}, reports ${percent(lossRatio)} of lost packets${late}${mos}`,
    mend: lateRatio > lossRatio ? LATE_MEND : LOSS_MEND,
    evidence: evidenceOf(leg),
  };
  return toParty('direct-path-poor', leg, said);
}

const THROUGH_US =
  'with "media.direct: off" the sound goes through this server, which then sees on which side it is';
const LOSS_MEND = `look at the network between the two phones; ${THROUGH_US} lost`;
const LATE_MEND = `see whether the computer of the phone or the network between the two is busy, and let its jitter buffer be larger; ${THROUGH_US} late`;

function evidenceOf({ report, measuredThere }: LegView): readonly Evidence[] {
  return [
    packetsEvidence('received here', report.received),
    ...(measuredThere?.lossRatio == null
      ? []
      : [percentEvidence('loss, by the phone', measuredThere.lossRatio)]),
    ...(measuredThere?.discardRatio == null
      ? []
      : [percentEvidence('too late, by the phone', measuredThere.discardRatio)]),
    ...(measuredThere?.mosLq == null
      ? []
      : [{ name: 'MOS, by the phone', value: measuredThere.mosLq, unit: null }]),
  ];
}

/** Calls that were direct. */
export const DIRECT_RULES: readonly Rule[] = [DIRECT];
