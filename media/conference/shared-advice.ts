// What one encoding for many listeners makes of what each of them reports.
import type { SendingAdvice } from '../resilience/index.ts';

/**
 * Of ten listeners the worst may be one whom nothing helps: the encoder follows the one that is worse than nine in ten,
 * and of fewer than ten the worst.
 */
const PASSED_OVER = 0.1;

/** @returns the same object where nothing changed, so that an encoder is tuned no oftener than needed */
export function sharedAdvice(before: SendingAdvice, all: readonly SendingAdvice[]): SendingAdvice {
  if (all.length === 0) return before;
  const index = Math.floor(all.length * PASSED_OVER);
  const worst = (values: readonly number[]) => values[index] ?? 0;
  const bitrateRatio = worst(all.map((advice) => advice.bitrateRatio).toSorted((a, b) => a - b));
  const expectedLossRatio = worst(all.map((advice) => advice.expectedLossRatio).toSorted((a, b) => b - a));
  const isSame = bitrateRatio === before.bitrateRatio && expectedLossRatio === before.expectedLossRatio;
  // Copies are each leg's own (RFC 2198).
  return isSame ? before : { bitrateRatio, expectedLossRatio, redLevel: 0 };
}
