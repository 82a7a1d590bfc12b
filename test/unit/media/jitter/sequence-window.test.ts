import { describe, expect, it } from 'vitest';
import { SequenceWindow } from '../../../../media/jitter/sequence-window.ts';
import { frame } from './frames.ts';

describe('SequenceWindow (RFC 3550 A.1)', () => {
  it.each([
    { name: 'the next', sequence: 5001, expected: 'newest' },
    { name: 'the same', sequence: 5000, expected: 'behind' },
    { name: 'the farthest loss', sequence: 7999, expected: 'newest' },
    { name: 'a jump ahead', sequence: 8000, expected: 'suspect' },
    { name: 'the farthest reordering', sequence: 4900, expected: 'behind' },
    { name: 'a jump back', sequence: 4899, expected: 'suspect' },
  ])('calls $name $expected', ({ sequence, expected }) => {
    const window = new SequenceWindow();
    expect(window.judge(frame(5000, 0))).toBe('restart');
    expect(window.judge(frame(sequence, 0))).toBe(expected);
  });

  it('believes a jump when the next in order follows, and not another', () => {
    const window = new SequenceWindow();
    window.judge(frame(5000, 0));
    expect(window.judge(frame(20_000, 0))).toBe('suspect');
    expect(window.judge(frame(30_000, 0))).toBe('suspect');
    expect(window.judge(frame(30_001, 0))).toBe('restart');
    expect(window.judge(frame(30_002, 0))).toBe('newest');
  });

  it('begins anew with another SSRC at once', () => {
    const window = new SequenceWindow();
    window.judge(frame(5000, 0));
    expect(window.judge(frame(5001, 0, { ssrc: 2 }))).toBe('restart');
    expect(window.holds(frame(5000, 0, { ssrc: 2 }))).toBe(true);
    expect(window.holds(frame(5000, 0))).toBe(false);
  });
});
