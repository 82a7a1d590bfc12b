// Against a reference that looks at the whole sequence, as RFC 3611 §4.7.2 defines bursts and gaps.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BurstGapCounter, burstRatioOf } from '../../../../media/quality/index.ts';
import { PACKET_MS, reference } from './burst-reference.ts';

/** `.` came, `x` was lost or discarded. */
function countOf(sequence: string): BurstGapCounter {
  const counter = new BurstGapCounter();
  for (const run of sequence.matchAll(/x+/g)) counter.lose(run.index + 1, run[0].length);
  return counter;
}

const measure = (sequence: string) => countOf(sequence).at(sequence.length, PACKET_MS);

const came = (count: number) => '.'.repeat(count);

describe('bursts and gaps (RFC 3611 §4.7.2)', () => {
  it.each([
    { name: 'nothing lost', sequence: came(100), expected: [0, 0, 0, 2000] },
    {
      name: 'one packet lost: a loss of the gap',
      sequence: `${came(50)}x${came(49)}`,
      expected: [0, 0.01, 0, 2000],
    },
    {
      name: 'two losses with Gmin received between: both of the gap',
      sequence: `${came(20)}x${came(16)}x${came(20)}`,
      expected: [0, 2 / 58, 0, 58 * 20],
    },
    {
      name: 'two losses with one less between: a burst of both and what is between',
      sequence: `${came(20)}x${came(15)}x${came(20)}`,
      expected: [2 / 17, 0, 340, 400],
    },
    {
      name: 'the second packet lost: beyond the beginning as many came',
      sequence: `.x${came(30)}`,
      expected: [0, 1 / 32, 0, 640],
    },
    {
      name: 'a burst at the end: no gap follows',
      sequence: `${came(40)}xx`,
      expected: [1, 0, 40, 800],
    },
    {
      name: 'two bursts, and a loss alone in the gap between',
      sequence: `${came(16)}xxx${came(16)}x${came(16)}xx..xx${came(16)}`,
      expected: [7 / 9, 1 / 65, 90, (65 * 20) / 3],
    },
  ])('$name', ({ sequence, expected }) => {
    const [burstDensity, gapDensity, burstMs, gapMs] = expected;
    expect(measure(sequence)).toEqual({
      burstDensity,
      gapDensity: expect.closeTo(gapDensity ?? 0, 12),
      burstMs,
      gapMs: expect.closeTo(gapMs ?? 0, 9),
    });
    expect(reference(sequence).burstMs).toBeCloseTo(burstMs ?? 0, 9);
  });

  it('equals the definition over any sequence', () => {
    const packets = fc.array(fc.oneof({ weight: 5, arbitrary: fc.nat(30).map(came) }, fc.constant('x')), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(packets, (parts) => {
        const sequence = `.${parts.join('')}`;
        const [measured, expected] = [measure(sequence), reference(sequence)];
        for (const key of ['burstDensity', 'gapDensity', 'burstMs', 'gapMs'] as const)
          expect(measured?.[key]).toBeCloseTo(expected[key], 9);
      }),
      { numRuns: 300 },
    );
  });

  it('says nothing of a stream without packets', () => {
    expect(new BurstGapCounter().at(0, PACKET_MS)).toBeNull();
  });
});

describe('BurstR (ITU-T G.107 §7.5)', () => {
  /** A chain that goes from received to lost with p, and back with q. */
  const chain = (p: number, q: number, length: number) => {
    let [isLost, state] = [false, 12_345];
    let sequence = '.';
    while (sequence.length < length) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      const chance = (state >>> 8) / 2 ** 24;
      isLost = isLost ? chance >= q : chance < p;
      sequence += isLost ? 'x' : '.';
    }
    return sequence;
  };

  it.each([
    { name: 'random loss', p: 0.1, q: 0.9 },
    { name: 'bursts twice as long', p: 0.05, q: 0.45 },
    { name: 'bursts four times as long', p: 0.02, q: 0.23 },
  ])('is 1 / (p + q) of a chain: $name', ({ p, q }) => {
    const sequence = chain(p, q, 200_000);
    expect(countOf(sequence).burstRatio(sequence.length)).toBeCloseTo(1 / (p + q), 1);
  });

  it.each([
    { name: 'nothing lost', lost: 0, runs: 0, packets: 100 },
    { name: 'one packet lost', lost: 1, runs: 1, packets: 100 },
    { name: 'losses more spread than chance has them', lost: 20, runs: 20, packets: 100 },
    { name: 'everything lost', lost: 50, runs: 1, packets: 50 },
    { name: 'counts that cannot be', lost: 5, runs: 0, packets: Number.NaN },
  ])('is 1 with $name', ({ lost, runs, packets }) => {
    expect(burstRatioOf(lost, runs, packets)).toBe(1);
  });
});
