import { describe, expect, it } from 'vitest';
import {
  createSourceState,
  expectedPackets,
  extendedHighest,
  extendSequence,
  lostPackets,
  MAX_DROPOUT,
  MAX_MISORDER,
  takeFractionLost,
  totalExpected,
  totalReceived,
  updateSequence,
} from '../../../../media/rtp/index.ts';

/** A source that takes all of `sequence`; probation 1, so that the first counts. */
function after(sequence: readonly number[], probation = 1) {
  const state = createSourceState(sequence[0] ?? 0, probation);
  const verdicts = sequence.map((number) => updateSequence(state, number));
  return { state, verdicts };
}

describe('updateSequence() (RFC 3550 A.1)', () => {
  it.each([
    { name: 'two in sequence end the probation', sequence: [5, 6], verdicts: ['probation', 'valid'] },
    {
      name: 'the probation wraps around',
      sequence: [65535, 0],
      verdicts: ['probation', 'valid'],
    },
    {
      name: 'a gap in the probation begins it anew',
      sequence: [5, 7, 8],
      verdicts: ['probation', 'probation', 'valid'],
    },
  ])('$name', ({ sequence, verdicts }) => {
    expect(after(sequence, 2).verdicts).toEqual(verdicts);
  });

  it.each([
    { name: 'in order', sequence: [1, 2, 3], highest: 3, expected: 3, lost: 0 },
    { name: 'a gap', sequence: [1, 2, 5], highest: 5, expected: 5, lost: 2 },
    { name: 'reordered', sequence: [1, 3, 2, 4], highest: 4, expected: 4, lost: 0 },
    { name: 'doubled', sequence: [1, 2, 2, 2], highest: 2, expected: 2, lost: -2 },
    { name: 'wrap-around', sequence: [65534, 65535, 0, 1], highest: 65537, expected: 4, lost: 0 },
    { name: 'loss over the wrap', sequence: [65534, 1], highest: 65537, expected: 4, lost: 2 },
    { name: 'reordered over the wrap', sequence: [65534, 0, 65535, 1], highest: 65537, expected: 4, lost: 0 },
    {
      name: 'the largest jump that is loss',
      sequence: [1, MAX_DROPOUT],
      highest: MAX_DROPOUT,
      expected: MAX_DROPOUT,
      lost: MAX_DROPOUT - 2,
    },
    {
      name: 'as late as may be',
      sequence: [200, 200 - MAX_MISORDER + 1],
      highest: 200,
      expected: 1,
      lost: -1,
    },
  ])('counts what came $name', ({ sequence, highest, expected, lost }) => {
    const { state } = after(sequence);
    expect(extendedHighest(state)).toBe(highest);
    expect(expectedPackets(state)).toBe(expected);
    expect(lostPackets(state)).toBe(lost);
  });

  it('counts a second wrap', () => {
    const { state } = after([65535]);
    for (let i = 0; i < 65_536 + 1; i += 1) updateSequence(state, i & 0xffff);
    expect(extendedHighest(state)).toBe(2 * 65_536);
    expect(lostPackets(state)).toBe(0);
  });

  it('takes two in sequence after a great jump for a restart, and keeps the totals', () => {
    const { state, verdicts } = after([1, 2, 4, 40_000, 40_001, 40_002]);
    expect(verdicts).toEqual(['valid', 'valid', 'valid', 'suspect', 'restart', 'valid']);
    expect(expectedPackets(state)).toBe(2);
    expect(totalExpected(state)).toBe(6);
    expect(totalReceived(state)).toBe(5);
  });

  it('lets a single stray number pass without harm', () => {
    const { state, verdicts } = after([1, 2, 40_000, 3]);
    expect(verdicts).toEqual(['valid', 'valid', 'suspect', 'valid']);
    expect(lostPackets(state)).toBe(0);
  });

  it.each([
    { name: 'one more than loss can be', sequence: [1, 1 + MAX_DROPOUT] },
    { name: 'one farther back than reordering goes', sequence: [200, 200 - MAX_MISORDER] },
  ])('suspects a jump of $name', ({ sequence }) => {
    expect(after(sequence).verdicts).toEqual(['valid', 'suspect']);
  });

  it('finds a restart over the wrap of the suspect number', () => {
    expect(after([30_000, 65_535, 0]).verdicts).toEqual(['valid', 'suspect', 'restart']);
  });
});

describe('extendSequence()', () => {
  it.each([
    { sequence: [65535, 0], number: 65535, expected: 65535 },
    { sequence: [65535, 0], number: 0, expected: 65536 },
    { sequence: [65535, 0], number: 2, expected: 65538 },
  ])('gives $number after $sequence the number $expected', ({ sequence, number, expected }) => {
    expect(extendSequence(after(sequence).state, number)).toBe(expected);
  });
});

describe('takeFractionLost() (RFC 3550 A.3)', () => {
  it.each([
    { name: 'nothing lost', sequence: [1, 2, 3, 4], expected: 0 },
    { name: 'half lost', sequence: [1, 4], expected: 128 },
    { name: 'a quarter lost', sequence: [1, 2, 4], expected: 64 },
    { name: 'more came than were expected', sequence: [1, 2, 2, 2], expected: 0 },
  ])('is $expected with $name', ({ sequence, expected }) => {
    expect(takeFractionLost(after(sequence).state)).toBe(expected);
  });

  it('counts from the last report only', () => {
    const { state } = after([1, 4]);
    takeFractionLost(state);
    expect(takeFractionLost(state)).toBe(0);
    updateSequence(state, 5);
    expect(takeFractionLost(state)).toBe(0);
    updateSequence(state, 9);
    expect(takeFractionLost(state)).toBe(192);
  });

  it('is never 256, which 8 bits cannot say', () => {
    const { state } = after([1]);
    takeFractionLost(state);
    updateSequence(state, 2900);
    expect(takeFractionLost(state)).toBe(255);
  });
});
