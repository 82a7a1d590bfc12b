// What the doctor says of a call. Plain data: it is printed, and given to machines as JSON.
import type { FindingCode } from './catalogue.ts';

/** `fault`: somebody heard it. `risk`: somebody may. `note`: good to know, and nothing is wrong. */
export type Severity = 'fault' | 'risk' | 'note';

export type Role = 'caller' | 'callee';

/** Whose leg of the call. */
export interface PartyName {
  readonly role: Role;
  readonly name: string;
}

/** A figure that a finding stands on. */
export interface Evidence {
  readonly name: string;
  readonly value: string | number;
  /** `ms`, `%`, `packets`, `ppm`, `dB`; null where the value says it all. */
  readonly unit: string | null;
}

/** One thing that is wrong, or good to know. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** Null where it is the whole call's. */
  readonly party: PartyName | null;
  /** Between the party and this server; null where it is of both ways, or of none. */
  readonly direction: 'from-party' | 'to-party' | null;
  /** For people. */
  readonly sentence: string;
  /** What to do; null where there is nothing to be done. */
  readonly mend: string | null;
  readonly evidence: readonly Evidence[];
  /** What it takes of the rating R (ITU-T G.107), 0 to 93; null where that is not known. Greater ones come first. */
  readonly costR: number | null;
}

/** `unknown`: nobody measured, or the call still lives and nothing is told of it. */
export type Verdict = 'well' | 'risk' | 'fault' | 'unknown';

export interface Diagnosis {
  readonly uniqueid: string;
  readonly src: string;
  readonly dst: string;
  /** Who answered. */
  readonly lastDst: string;
  readonly start: string;
  /** The worst of the findings, notes aside. */
  readonly verdict: Verdict;
  /** The call in one sentence. */
  readonly summary: string;
  /** The one that explains most first. What another one explains is left out. */
  readonly findings: readonly Finding[];
}
