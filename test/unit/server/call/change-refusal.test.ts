import { expect, test } from 'vitest';
import { refusalFor } from '../../../../server/call/change-refusal.ts';

test.each([
  { name: 'what answers without a description is not acceptable', status: 200, expected: 488 },
  { name: 'a timeout of the other hangs nobody up', status: 408, expected: 504 },
  { name: 'every other refusal is passed on', status: 491, expected: 491 },
])('$name', ({ status, expected }) => {
  expect(refusalFor(status)).toBe(expected);
});
