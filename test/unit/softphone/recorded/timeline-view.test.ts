import { describe, expect, it } from 'vitest';
import type { Timeline, TimelineEvent } from '../../../../media/index.ts';
import { TimelineView } from '../../../../softphone/index.ts';

const EVENTS: readonly TimelineEvent[] = [
  { type: 'joined', ms: 0, member: 1, label: 'alice' },
  { type: 'joined', ms: 500, member: 2, label: 'bob' },
  { type: 'talking', ms: 1000, member: 1 },
  { type: 'talking', ms: 2000, member: 2 },
  { type: 'silent', ms: 3000, member: 1 },
  { type: 'digit', ms: 3500, member: 2, digit: '5', durationMs: 100 },
  { type: 'hold', ms: 4000, member: 2 },
  { type: 'note', ms: 4500, text: 'asked for the bill' },
  { type: 'left', ms: 5000, member: 2 },
  { type: 'end', ms: 6000 },
];

const TIMELINE: Timeline = {
  start: {
    type: 'start',
    ms: 0,
    version: 1,
    wallClock: '2026-11-27T10:00:00.000Z',
    format: 'wav',
    sampleRateHz: 48_000,
    mix: 'x.wav',
    channels: 2,
  },
  events: EVENTS,
  isWhole: true,
};

describe('TimelineView', () => {
  it('tells what passed in sentences, and who talks at the moment', () => {
    const view = new TimelineView(TIMELINE);
    expect(view.passTo(500).map(({ text }) => text)).toEqual(['alice joined', 'bob joined']);
    expect(view.talking).toEqual([]);
    expect(view.passTo(2500)).toEqual([]);
    expect(view.talking).toEqual(['alice', 'bob']);
    expect(view.passTo(4999)).toEqual([
      { ms: 3500, text: 'bob pressed 5' },
      { ms: 4000, text: 'bob put the call on hold' },
      { ms: 4500, text: 'asked for the bill' },
    ]);
    expect(view.talking).toEqual(['bob']);
    expect(view.passTo(9999).map(({ text }) => text)).toEqual(['bob left', 'the recording ended']);
    expect(view.talking).toEqual([]);
  });

  it('has nothing to tell of a sound without a time line', () => {
    expect(new TimelineView(null).passTo(9999)).toEqual([]);
  });
});
