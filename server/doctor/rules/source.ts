// Whose packets were taken, and whose were refused (see "Latching" in the design).
import { isSameEndpoint } from '../../../core/index.ts';
import type { LegView } from '../call-view.ts';
import { fromParty, ofParty } from '../finding.ts';
import { SHORTEST_TALK_MS, SILENT_END_MS, SOME_PACKETS } from '../thresholds.ts';
import type { Evidence, Finding } from '../types.ts';
import { packetsEvidence, placeText, seconds, textEvidence } from '../words.ts';
import { ofEachLeg, type Rule } from './rule.ts';

/** Silence of the source that was taken, after which others that send are the same phone elsewhere. */
const MOVED_MS = 1000;

const REFUSED_SOURCES = ofEachLeg((leg) => {
  const refused = leg.refused('wrong-source');
  if (refused === 0) return undefined;
  return strangerTaken(leg, refused) ?? sourceMoved(leg, refused) ?? strangerRefused(leg, refused);
});

/** The one that was taken is nowhere that the party is known to be; one that was refused is. */
function strangerTaken(leg: LegView, refused: number): Finding | undefined {
  const { source } = leg.report;
  if (!source || refused < SOME_PACKETS || isKnown(leg, source.address)) return undefined;
  const own = leg.facts?.refusedSources.find(({ address }) => isKnown(leg, address));
  if (!own) return undefined;
  return ofParty('stranger-taken', leg, {
    sentence: `Somebody at ${source.address} sent to ${leg.name}'s port first and was taken for ${leg.name}, whose own sound, from ${own.address}, was refused`,
    mend: `find out who sends from ${placeText(source)}; let ${leg.name}'s phone use STUN, so that its SDP has the address it really sends from, which always wins`,
    evidence: evidenceOf(leg, refused),
  });
}

function sourceMoved(leg: LegView, refused: number): Finding | undefined {
  const { source } = leg.report;
  const silentMs = leg.silentAtEndMs;
  if (!source || silentMs === null || silentMs < MOVED_MS || leg.isSilencedAtEnd) return undefined;
  if (refused < SOME_PACKETS) return undefined;
  const [next] = leg.facts?.refusedSources ?? [];
  return ofParty('source-moved', leg, {
    sentence: `${leg.name}'s sound came from ${placeText(source)} until ${seconds(silentMs)} before the end; what came from ${next ? placeText(next) : 'elsewhere'} afterwards was refused, for no re-INVITE announced it`,
    mend: 'a router that restarted or a change between Wi-Fi and mobile does this: switch on keep-alives, and re-INVITE on a change of network, in the phone; "patchcord nat SERVER --lifetime", run where the phone is, says how often it has to be kept alive',
    evidence: evidenceOf(leg, refused),
  });
}

function strangerRefused(leg: LegView, refused: number): Finding | undefined {
  const sources = leg.facts?.refusedSources ?? [];
  // A phone that moves is refused until its re-INVITE has come.
  const { source } = leg.report;
  const strangers = sources.filter((other) => !source || !isSameEndpoint(other, source));
  if (sources.length > 0 && strangers.length === 0) return undefined;
  const [stranger] = strangers;
  return fromParty('stranger-refused', leg, {
    sentence: `Somebody${stranger ? ` at ${placeText(stranger)}` : ''} other than ${leg.name}'s phone sent ${refused} packets to its port; they were refused and did no harm`,
    evidence: evidenceOf(leg, refused),
  });
}

/** Where SIP comes from, or what SDP says. */
function isKnown({ facts, report }: LegView, address: string): boolean {
  return address === facts?.promised?.address || address === report.party?.signalingAddress;
}

function evidenceOf({ report, facts }: LegView, refused: number): readonly Evidence[] {
  return [
    ...(report.source ? [textEvidence('taken', placeText(report.source))] : []),
    ...(facts?.refusedSources ?? []).map((source) => textEvidence('refused', placeText(source))),
    ...(facts?.promised ? [textEvidence('address in SDP', placeText(facts.promised))] : []),
    packetsEvidence('refused', refused),
  ];
}

const STOPPED = ofEachLeg((leg) => {
  const silentMs = leg.silentAtEndMs;
  if (!leg.call.isAnswered || silentMs === null || silentMs < SILENT_END_MS || leg.isSilencedAtEnd)
    return undefined;
  return fromParty('sound-stopped', leg, {
    sentence: `${leg.name}'s sound stopped ${seconds(silentMs)} before the end of the call, without a hold`,
    mend: 'see whether the phone lost its network or power there, or is muted and sends nothing then; a Wi-Fi phone may have gone out of reach',
    evidence: [
      { name: 'silent at the end', value: Math.round(silentMs), unit: 'ms' },
      packetsEvidence('before', leg.accepted),
    ],
  });
});

/** RTP must come for a moment before its source is believed; what stops before that was never heard. */
const TOO_FEW = ofEachLeg((leg) => {
  const unproven = leg.refused('unproven-source');
  if (!leg.call.isAnswered || leg.accepted > 0 || unproven === 0) return undefined;
  if (leg.speakingMs < SHORTEST_TALK_MS) return undefined;
  return fromParty('sends-no-sound', leg, {
    sentence: `Only ${unproven} packets came from ${leg.name}'s phone, too few to know it by, so ${leg.otherName} heard nothing`,
    mend: 'see whether it is muted, and whether it may send nothing in silence (VAD, silence suppression): switch that off',
    evidence: [packetsEvidence('refused as unproven', unproven)],
  });
});

/** Sources. */
export const SOURCE_RULES: readonly Rule[] = [REFUSED_SOURCES, STOPPED, TOO_FEW];
