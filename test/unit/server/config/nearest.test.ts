import { describe, expect, test } from 'vitest';
import { editDistance, nearestName } from '../../../../server/config/nearest.ts';

test.each([
  { a: '', b: '', expected: 0 },
  { a: 'realm', b: 'realm', expected: 0 },
  { a: 'relm', b: 'realm', expected: 1 },
  { a: 'realms', b: 'realm', expected: 1 },
  { a: 'raelm', b: 'realm', expected: 1 },
  { a: 'ca', b: 'ac', expected: 1 },
  { a: '', b: 'abc', expected: 3 },
  { a: 'kitten', b: 'sitting', expected: 3 },
])('editDistance("$a", "$b") is $expected', ({ a, b, expected }) => {
  expect(editDistance(a, b)).toBe(expected);
  expect(editDistance(b, a)).toBe(expected);
});

describe('nearestName()', () => {
  const known = ['password', 'displayName', 'forward'];

  test.each([
    { name: 'Password', expected: 'password' },
    { name: 'displayname', expected: 'displayName' },
    { name: 'foward', expected: 'forward' },
    { name: 'codec', expected: undefined },
    { name: '', expected: undefined },
  ])('of "$name" is $expected', ({ name, expected }) => {
    expect(nearestName(name, known)).toBe(expected);
  });
});
