// What is wrong with a call, and the mend.
export { CATALOGUE, type CatalogueEntry, FINDING_CODES, type FindingCode } from './catalogue.ts';
export { diagnose } from './diagnose.ts';
export type { Diagnosis, Evidence, Finding, PartyName, Role, Severity, Verdict } from './types.ts';
