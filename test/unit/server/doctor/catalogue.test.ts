import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CATALOGUE, FINDING_CODES } from '../../../../server/doctor/index.ts';

describe('the catalogue of findings', () => {
  test('explains only what there is', () => {
    const explained = Object.values(CATALOGUE).flatMap((entry) =>
      'explains' in entry ? entry.explains : [],
    );
    expect(explained.filter((code) => !FINDING_CODES.some((known) => known === code))).toEqual([]);
  });

  test('has nothing that explains what explains it: both would be left out', () => {
    const explains = (code: string) =>
      Object.entries(CATALOGUE).flatMap(([key, entry]) =>
        key === code && 'explains' in entry ? [...entry.explains] : [],
      ) as readonly string[];
    const mutual = FINDING_CODES.filter((code) =>
      explains(code).some((other) => explains(other).includes(code)),
    );
    expect(mutual).toEqual([]);
  });

  test('is in the README, code by code', () => {
    const readme = readFileSync(new URL('../../../../server/README.md', import.meta.url), 'utf8');
    expect(FINDING_CODES.filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
  });
});
