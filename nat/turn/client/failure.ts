// The error codes of TURN in words (RFC 8656 §19, RFC 8489 §14.8).
import type { TurnFailure } from './types.ts';

const FAILURES: ReadonlyMap<number, TurnFailure> = new Map([
  [300, 'redirected'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [437, 'mismatch'],
  [438, 'unauthorized'],
  [440, 'unsupported'],
  [441, 'unauthorized'],
  [442, 'unsupported'],
  [486, 'quota'],
  [508, 'capacity'],
]);

/** @param status - of an error response */
export function turnFailureOf(status: number): TurnFailure {
  return FAILURES.get(status) ?? 'refused';
}
