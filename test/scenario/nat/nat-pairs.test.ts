// All 81 pairs of NATs by RFC 4787: who gets through directly, who through a relay, and how fast.
import { describe, expect, test } from 'vitest';
import { formatPairs, outcomeOf, playNatPairs, setUpTimes } from './nat-pairs.ts';
import { isDirect } from './reachability.ts';

/** Bounds of the set-up time, by what was measured with this and five other seeds: 40 ms of round trip. */
const CASES = [
  { hasTurn: false, lossRatio: 0, worstMs: 180 },
  { hasTurn: false, lossRatio: 0.1, worstMs: 1_500 },
  { hasTurn: true, lossRatio: 0, worstMs: 1_300 },
  { hasTurn: true, lossRatio: 0.1, worstMs: 2_000 },
];

describe('81 pairs of NATs end in the expected kind of pair', () => {
  test.each(CASES)('TURN: $hasTurn, loss: $lossRatio', async ({ hasTurn, lossRatio, worstMs }) => {
    const results = await playNatPairs({ seed: 1, hasTurn, lossRatio });
    const times = setUpTimes(results);
    const table = formatPairs(results);
    if (process.env.PATCHCORD_TABLES) console.log(`${table}\n\n${JSON.stringify(times)}`);
    const wrong = results.filter((result) => {
      const expected = isDirect(result.a, result.b) ? 'direct' : hasTurn ? 'relayed' : 'none';
      return outcomeOf(result) !== expected;
    });
    expect(results).toHaveLength(81);
    expect(wrong, table).toEqual([]);
    expect(times.worstMs, table).toBeLessThanOrEqual(worstMs);
  });
});
