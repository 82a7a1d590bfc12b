import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diagnose } from '../../../../server/doctor/index.ts';
import { goodRecord } from './good-record.ts';

describe('diagnose() never throws,', () => {
  test('whatever a record is', () => {
    fc.assert(
      fc.property(fc.anything(), (record) => {
        expect(diagnose(record).findings).toBeInstanceOf(Array);
      }),
    );
  });

  test('whatever stands in the place of one of its values', () => {
    const paths = pathsOf(goodRecord());
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.anything(), (path, value) => {
        const { findings } = diagnose(replaced(goodRecord(), path, value));
        expect(JSON.stringify(findings)).not.toMatch(/NaN|Infinity|undefined/);
      }),
      { numRuns: 1000 },
    );
  });
});

type Path = readonly string[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((item, at) => (String(at) === key ? replaced(item, rest, by) : item));
  const object = value as Record<string, unknown>; // The path was made from it.
  return { ...object, [key]: replaced(object[key], rest, by) };
}
