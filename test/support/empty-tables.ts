// After a scenario nothing may be left over.
import { expect } from 'vitest';

/** Fails with the names and sizes of the tables that are not empty. */
export function expectEmpty(tables: Record<string, number>): void {
  const left = Object.fromEntries(Object.entries(tables).filter(([, size]) => size !== 0));
  expect(left, 'tables that are not empty').toEqual({});
}
