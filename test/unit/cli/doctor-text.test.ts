import { describe, expect, test } from 'vitest';
import { diagnosisLine, diagnosisLines } from '../../../cli/doctor-text.ts';
import { type Diagnosis, diagnose } from '../../../server/index.ts';
import { goodRecord } from '../server/doctor/good-record.ts';

const plain = (text: string) => text;
const marked = (text: string, colour: string) => `<${colour}>${text}</>`;

const BAD: Diagnosis = {
  ...diagnose(goodRecord()),
  verdict: 'fault',
  summary: '1 fault found',
  findings: [
    {
      code: 'clock-drift',
      severity: 'fault',
      party: { role: 'caller', name: 'alice' },
      direction: 'from-party',
      sentence: 'The clock runs away',
      mend: 'use another clock',
      evidence: [
        { name: 'drift', value: 500, unit: 'ppm' },
        { name: 'codec', value: 'pcmu', unit: null },
      ],
      costR: null,
    },
  ],
};

describe('a diagnosis in lines', () => {
  test('has the sentence, the mend and the figures', () => {
    expect(diagnosisLines(BAD, plain)).toEqual([
      '1732665600.1  2026-01-01T00:00:00.000Z  alice -> bob  1 fault found',
      '✗ The clock runs away.',
      '    -> use another clock',
      '       drift: 500 ppm · codec: pcmu',
    ]);
  });

  test('is coloured where that is asked for', () => {
    expect(diagnosisLines(BAD, marked).slice(1)).toEqual([
      '<red>✗</> The clock runs away.',
      '    -> use another clock',
      '<dim>       drift: 500 ppm · codec: pcmu</>',
    ]);
  });

  test('of a good call is one line', () => {
    expect(diagnosisLines(diagnose(goodRecord()), plain)).toHaveLength(1);
  });
});

describe('a diagnosis in one line', () => {
  test('has the first finding that matters', () => {
    expect(diagnosisLine(BAD, plain)).toBe(
      '✗ 1732665600.1  2026-01-01T00:00:00.000Z  alice -> bob  The clock runs away',
    );
  });

  test('has the summary of a good call, and who answered in the place of another', () => {
    const line = diagnosisLine(diagnose({ ...goodRecord(), dst: 'carol' }), plain);
    expect(line).toMatch(/^✓ .* alice -> carol \(bob\) {2}All is well/);
  });
});
