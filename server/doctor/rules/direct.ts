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
  const [lossRatio, mosLq] = [own?.lossRatio ?? 0, own?.mosLq ?? null];
  const isBad = lossRatio >= LOSS_FAULT_RATIO || (mosLq !== null && mosLq < GOOD_MOS);
  if (!isBad && lossRatio < LOSS_RISK_RATIO) return undefined;
  const said: Said = {
    severity: isBad ? 'fault' : 'risk',
    sentence: `${leg.name}'s phone, which spoke past this server with that of ${leg.otherName}, reports ${percent(lossRatio)} of lost packets${mosLq === null ? '' : ` and a MOS of ${mosLq.toFixed(1)}`}`,
    mend: 'look at the network between the two phones; with "media.direct: off" the sound goes through this server, which then sees on which side it is lost',
    evidence: evidenceOf(leg),
  };
  return toParty('direct-path-poor', leg, said);
}

function evidenceOf({ report, measuredThere }: LegView): readonly Evidence[] {
  return [
    packetsEvidence('received here', report.received),
    ...(measuredThere?.lossRatio == null
      ? []
      : [percentEvidence('loss, by the phone', measuredThere.lossRatio)]),
    ...(measuredThere?.mosLq == null
      ? []
      : [{ name: 'MOS, by the phone', value: measuredThere.mosLq, unit: null }]),
  ];
}

/** Calls that were direct. */
export const DIRECT_RULES: readonly Rule[] = [DIRECT];
