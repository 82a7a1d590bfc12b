// What is wrong with a call: all rules look at it, symptoms are left out, and the cause that explains most comes first.
import { CallView } from './call-view.ts';
import { entryOf, FINDING_CODES } from './catalogue.ts';
import { RULES } from './rules/index.ts';
import { summaryOf } from './summary.ts';
import type { Diagnosis, Finding, Role, Severity, Verdict } from './types.ts';

/**
 * Judges one call by its record.
 *
 * @param record - a `CallRecord`; also one of an older version, or what is left of one: it never throws
 */
export function diagnose(record: unknown): Diagnosis {
  const call = new CallView(record);
  const found = RULES.flatMap((rule) => rule(call));
  const findings = found
    .filter((finding) => !found.some((other) => isExplained(finding, other)))
    .toSorted(compare);
  const verdict = verdictOf(call, findings);
  const { uniqueid, src, dst, lastDst, start } = call.record;
  return {
    uniqueid,
    src,
    dst,
    lastDst,
    start,
    verdict,
    findings,
    summary: summaryOf(call, verdict, findings),
  };
}

/** A lesser finding never explains a greater one away: a note beside a fault leaves the fault. */
function isExplained(finding: Finding, by: Finding): boolean {
  const { explains = [], explainsIn = 'sound' } = entryOf(by.code);
  if (by === finding || !explains.includes(finding.code)) return false;
  if (SEVERITIES.indexOf(by.severity) > SEVERITIES.indexOf(finding.severity)) return false;
  if (explainsIn === 'call') return true;
  const [one, other] = [speakerOf(finding), speakerOf(by)];
  return one === undefined || other === undefined || one === other;
}

/** Whose sound it is about; undefined where it is of both. */
function speakerOf({ party, direction }: Finding): Role | undefined {
  if (!party || !direction) return undefined;
  if (direction === 'from-party') return party.role;
  return party.role === 'caller' ? 'callee' : 'caller';
}

const SEVERITIES: readonly Severity[] = ['fault', 'risk', 'note'];

function compare(a: Finding, b: Finding): number {
  const bySeverity = SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
  if (bySeverity !== 0) return bySeverity;
  return groupOf(a) - groupOf(b) || (b.costR ?? 0) - (a.costR ?? 0) || rankOf(a) - rankOf(b);
}

/** What takes quality stands in one place, and the one that takes most in front. */
function groupOf(finding: Finding): number {
  return finding.costR === null ? rankOf(finding) : FIRST_OF_QUALITY;
}

function rankOf({ code }: Finding): number {
  return FINDING_CODES.indexOf(code);
}

const FIRST_OF_QUALITY = FINDING_CODES.indexOf('loss-congestion');

function verdictOf(call: CallView, findings: readonly Finding[]): Verdict {
  if (findings.some(({ severity }) => severity === 'fault')) return 'fault';
  if (findings.some(({ severity }) => severity === 'risk')) return 'risk';
  return (call.isAnswered || call.isLive) && call.legs.length + call.directLegs.length === 0
    ? 'unknown'
    : 'well';
}
