// A diagnosis as people read it: a mark, the sentence, the mend below it, and the figures dim.
import type { Diagnosis, Evidence, Finding, Severity } from '../server/index.ts';
import type { Paint } from '../softphone/index.ts';

type Colour = Parameters<Paint>[1];

const MARKS: Readonly<Record<Severity, readonly [string, Colour]>> = {
  fault: ['✗', 'red'],
  risk: ['!', 'yellow'],
  note: ['·', 'dim'],
};

const VERDICTS: Readonly<Record<Diagnosis['verdict'], readonly [string, Colour]>> = {
  well: ['✓', 'green'],
  risk: ['!', 'yellow'],
  fault: ['✗', 'red'],
  unknown: ['?', 'dim'],
};

/** The whole diagnosis, in lines. */
export function diagnosisLines(diagnosis: Diagnosis, paint: Paint): readonly string[] {
  const { findings, summary, verdict } = diagnosis;
  return [
    `${paint(titleOf(diagnosis), 'bold')}  ${paint(summary, VERDICTS[verdict][1])}`,
    ...findings.flatMap((finding) => findingLines(finding, paint)),
  ];
}

/** One line: the mark, who called whom, and the first finding that matters. */
export function diagnosisLine(diagnosis: Diagnosis, paint: Paint): string {
  const { findings, summary, verdict } = diagnosis;
  const [mark, colour] = VERDICTS[verdict];
  const first = findings.find(({ severity }) => severity !== 'note');
  return `${paint(mark, colour)} ${titleOf(diagnosis)}  ${first?.sentence ?? summary}`;
}

function titleOf({ uniqueid, start, src, dst, lastDst }: Diagnosis): string {
  const callee = dst === lastDst ? dst : `${dst} (${lastDst})`;
  return `${uniqueid}  ${start}  ${src} -> ${callee}`;
}

function findingLines({ severity, sentence, mend, evidence }: Finding, paint: Paint): readonly string[] {
  const [mark, colour] = MARKS[severity];
  return [
    `${paint(mark, colour)} ${sentence}.`,
    ...(mend === null ? [] : [`    -> ${mend}`]),
    ...(evidence.length === 0 ? [] : [paint(`       ${evidence.map(evidenceText).join(' · ')}`, 'dim')]),
  ];
}

function evidenceText({ name, value, unit }: Evidence): string {
  return `${name}: ${value}${unit === null ? '' : ` ${unit}`}`;
}
