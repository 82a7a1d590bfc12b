// Digits: who sends them how, and whether the other side can take them.
import { fromParty, toParty } from '../finding.ts';
import { textEvidence } from '../words.ts';
import { ofEachLeg, type Rule } from './rule.ts';

const SWITCH_ON = 'switch telephone-event (RFC 2833/4733) on';

const REFUSED = ofEachLeg((leg) => {
  const digits = leg.report.party?.digits;
  if (!digits || digits.refusedByInfo === 0) return undefined;
  return toParty('digits-refused', leg, {
    sentence: `${leg.name}'s phone refused ${digits.refusedByInfo} of ${digits.sentByInfo} digits that came to it by INFO${digits.refusal === null ? '' : ` (${digits.refusal})`}, and has no telephone-events`,
    mend: `${SWITCH_ON} in ${leg.name}'s phone`,
    evidence: [{ name: 'refused', value: digits.refusedByInfo, unit: 'digits' }],
  });
});

const UNSENDABLE = ofEachLeg((leg) => {
  const lost = leg.report.party?.digits?.unsendable ?? 0;
  if (lost === 0) return undefined;
  return toParty('digits-unsendable', leg, {
    sentence: `${lost} digits for ${leg.name} were lost: the phone takes neither telephone-events nor INFO, and ${leg.report.codec ?? 'its codec'} carries no tones`,
    mend: `${SWITCH_ON} in ${leg.name}'s phone, or use PCMU or PCMA (G.711), which carry tones`,
    evidence: [{ name: 'lost', value: lost, unit: 'digits' }],
  });
});

const UNREADABLE = ofEachLeg((leg) => {
  const unreadable = leg.report.party?.digits?.unreadable ?? 0;
  if (unreadable === 0) return undefined;
  return fromParty('digits-unreadable', leg, {
    sentence: `${leg.name}'s phone sent INFO that carries no digit that makes sense, ${unreadable} in all; the answer was 400`,
    mend: `set its DTMF to telephone-event (RFC 2833/4733); in INFO it should be application/dtmf-relay with "Signal=5"`,
    evidence: [{ name: 'refused', value: unreadable, unit: 'INFO' }],
  });
});

/** A party without telephone-events: its digits are tones within its sound, if they are anything. */
const WITHOUT_EVENTS = ofEachLeg((leg) => {
  const { other, facts } = leg;
  if (!other || !facts || !leg.call.isAnswered || facts.receiveFormats.length === 0) return undefined;
  if (hasEvents(facts.receiveFormats) || !hasEvents(other.facts?.sendFormats ?? [])) return undefined;
  const evidence = [
    textEvidence(`agreed with ${leg.name}`, encodingsText(facts.receiveFormats)),
    textEvidence(`agreed with ${other.name}`, encodingsText(other.facts?.sendFormats ?? [])),
  ];
  if (!carriesTones(facts.receiveFormats)) {
    return fromParty('digits-lost-in-codec', leg, {
      sentence: `Digits that ${leg.name} presses can reach ${other.name} by INFO alone: the phone has no telephone-events, and ${facts.receiveFormats[0]?.encoding} carries no tones`,
      mend: `${SWITCH_ON} in ${leg.name}'s phone`,
      evidence,
    });
  }
  return fromParty('digits-in-sound', leg, {
    sentence: `${leg.name}'s phone has no telephone-events: its digits are looked for as tones within its sound, and passed on to ${other.name} as events`,
    mend: `${SWITCH_ON} in ${leg.name}'s phone: tones suffer from loss`,
    evidence,
  });
});

/** A party that takes neither events nor INFO has tones, where its codec carries them. */
const NO_WAY_TO = ofEachLeg((leg) => {
  const { other, facts } = leg;
  const digits = leg.report.party?.digits;
  if (!other || !facts || digits?.takesInfo !== false || digits.unsendable > 0) return undefined;
  if (facts.sendFormats.length === 0 || hasEvents(facts.sendFormats) || carriesTones(facts.sendFormats))
    return undefined;
  return toParty('digits-lost-in-codec', leg, {
    sentence: `Digits have no way to ${leg.name}'s phone: it has neither telephone-events nor INFO, and ${facts.sendFormats[0]?.encoding} carries no tones`,
    mend: `${SWITCH_ON} in ${leg.name}'s phone`,
    evidence: [textEvidence(`agreed with ${leg.name}`, encodingsText(facts.sendFormats))],
  });
});

interface Named {
  readonly encoding: string;
}

function hasEvents(formats: readonly Named[]): boolean {
  return formats.some(({ encoding }) => encoding === 'telephone-event');
}

/** The others keep what voices have, not what a detector of tones asks for. */
const KEEP_TONES: ReadonlySet<string> = new Set(['pcmu', 'pcma', 'g722', 'l16']);

function carriesTones([first]: readonly Named[]): boolean {
  return first !== undefined && KEEP_TONES.has(first.encoding);
}

function encodingsText(formats: readonly Named[]): string {
  return formats.map(({ encoding }) => encoding).join(', ') || 'nothing';
}

/** Digits. */
export const DIGIT_RULES: readonly Rule[] = [REFUSED, UNSENDABLE, UNREADABLE, WITHOUT_EVENTS, NO_WAY_TO];
