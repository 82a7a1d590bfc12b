// Whether what we send to a party arrives there: by its own reports, for nobody else knows.
import { fromParty, toParty } from '../finding.ts';
import { ENOUGH_PACKETS, RTCP_DUE_MS } from '../thresholds.ts';
import { packetsEvidence, placeText, textEvidence } from '../words.ts';
import { ofEachLeg, type Rule } from './rule.ts';

/** Of so many reports at least one would tell of our sound, had it arrived. */
const TELLING_REPORTS = 2;

const UNHEARD = ofEachLeg((leg) => {
  const { sent, source } = leg.report;
  const outbound = leg.heard;
  const { facts } = leg;
  if (!facts || sent < ENOUGH_PACKETS || outbound !== null) return undefined;
  // A report that cannot be true tells of nothing, not of silence either.
  if (facts.rtcpReports - facts.rtcpLies < TELLING_REPORTS) return undefined;
  const target = source ?? facts.promised;
  return toParty('unheard', leg, {
    sentence: `${leg.name}'s phone reports (RTCP) that nothing of what was sent to it arrives, so ${leg.name} heard nothing`,
    mend: `see which firewall drops UDP from this server to ${target ? placeText(target) : 'the phone'}`,
    evidence: [
      packetsEvidence('sent', sent),
      { name: 'RTCP reports without a word of them', value: facts.rtcpReports, unit: null },
      ...(target ? [textEvidence('sent to', placeText(target))] : []),
    ],
  });
});

const NO_REPORTS = ofEachLeg((leg) => {
  if (!leg.facts || leg.facts.rtcpReports > 0 || leg.heard || leg.call.talkMs < RTCP_DUE_MS) return undefined;
  return toParty('no-rtcp', leg, {
    sentence: `${leg.name}'s phone sends no reports (RTCP): how well ${leg.name} heard, and the round trip, is not known`,
    evidence: [packetsEvidence('sent', leg.report.sent)],
  });
});

const LIES = ofEachLeg((leg) => {
  const lies = leg.facts?.rtcpLies ?? 0;
  if (lies === 0) return undefined;
  return fromParty('rtcp-lies', leg, {
    sentence: `${lies} of the ${leg.facts?.rtcpReports ?? lies} reports (RTCP) of ${leg.name}'s phone cannot be true, and were left out`,
    mend: 'update the phone; what its reports say of how it hears is not to be trusted',
    evidence: [{ name: 'impossible reports', value: lies, unit: null }],
  });
});

/** Reports. */
export const HEARING_RULES: readonly Rule[] = [UNHEARD, NO_REPORTS, LIES];
