import { expect, test } from 'vitest';
import { missText } from '../../../cli/ping.ts';

const MISS = { sequence: 2, roundTripMs: null, status: null };

test('who is silent was waited for', () => {
  const text = missText({ ...MISS, reason: 'Request Timeout', isTimeout: true });
  expect(text).toBe('no answer: seq=2 (1000 ms)');
});

test('who could not be asked has a reason', () => {
  const text = missText({ ...MISS, reason: 'the name of the peer has no address', isTimeout: false });
  expect(text).toBe('no answer: seq=2 (the name of the peer has no address)');
});
