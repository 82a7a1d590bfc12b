// Makes findings: what a rule leaves out is as the catalogue has it.
import type { LegView } from './call-view.ts';
import { entryOf, type FindingCode } from './catalogue.ts';
import type { Evidence, Finding, Severity } from './types.ts';

/** What a rule says. */
export interface Said {
  readonly severity?: Severity;
  readonly sentence: string;
  readonly mend?: string;
  readonly evidence?: readonly Evidence[];
  readonly costR?: number | null;
}

/** Of the whole call. */
export function ofCall(code: FindingCode, said: Said): Finding {
  return make(code, { party: null, direction: null }, said);
}

/** Of both ways of one party. */
export function ofParty(code: FindingCode, leg: LegView, said: Said): Finding {
  return make(code, { party: leg.who, direction: null }, said);
}

/** Of what comes from a party. */
export function fromParty(code: FindingCode, leg: LegView, said: Said): Finding {
  return make(code, { party: leg.who, direction: 'from-party' }, said);
}

/** Of what goes to a party. */
export function toParty(code: FindingCode, leg: LegView, said: Said): Finding {
  return make(code, { party: leg.who, direction: 'to-party' }, said);
}

function make(code: FindingCode, place: Pick<Finding, 'party' | 'direction'>, said: Said): Finding {
  return {
    code,
    severity: said.severity ?? entryOf(code).severity,
    ...place,
    sentence: said.sentence,
    mend: said.mend ?? null,
    evidence: said.evidence ?? [],
    costR: said.costR ?? null,
  };
}
