import { describe, expect, it } from 'vitest';
import { SenderTimeline } from '../../../../media/jitter/sender-timeline.ts';
import { frame } from './frames.ts';

/** Places what came in time before, then this one. */
function after(count: number, timeline = new SenderTimeline(), offset = 0): SenderTimeline {
  for (let sequence = 0; sequence < count; sequence += 1) {
    timeline.place(frame(sequence, sequence * 20, { timestamp: (sequence * 160 + offset) >>> 0 }));
  }
  return timeline;
}

describe('SenderTimeline', () => {
  it.each([
    { name: 'in order', sequence: 10, timestamp: 1600, arrivedAt: 200, expected: 200 },
    { name: 'after a loss', sequence: 12, timestamp: 1920, arrivedAt: 240, expected: 240 },
    { name: 'out of order', sequence: 5, timestamp: 800, arrivedAt: 210, expected: 100 },
    { name: 'after silence (DTX)', sequence: 10, timestamp: 81_600, arrivedAt: 10_200, expected: 10_200 },
    { name: 'late after a stall', sequence: 10, timestamp: 1600, arrivedAt: 5000, expected: 200 },
    { name: 'with a leap ahead', sequence: 10, timestamp: 81_600, arrivedAt: 200, expected: undefined },
    { name: 'with a leap back', sequence: 10, timestamp: 0x9000_0000, arrivedAt: 200, expected: undefined },
  ])('places a packet $name', ({ sequence, timestamp, arrivedAt, expected }) => {
    expect(after(10).place(frame(sequence, arrivedAt, { timestamp }))).toBe(expected);
  });

  it('does not see the wrap of the timestamp', () => {
    const timeline = after(10, new SenderTimeline(), 0xffff_fe00);
    expect(timeline.place(frame(10, 200, { timestamp: (0xffff_fe00 + 1600) >>> 0 }))).toBe(200);
  });

  it('lets a packet whose timestamp leapt follow the others', () => {
    const timeline = after(10);
    expect(timeline.rebase(frame(10, 200, { timestamp: 5_000_000 }))).toBe(200);
    expect(timeline.place(frame(11, 220, { timestamp: 5_000_160 }))).toBe(220);
  });

  it('measures what a packet covers, and one silence between two does not change it', () => {
    const timeline = after(10);
    timeline.place(frame(10, 240, { timestamp: 1920 }));
    expect(timeline.frameMs).toBe(20);
    for (const sequence of [11, 12]) {
      timeline.place(frame(sequence, 0, { timestamp: 1920 + (sequence - 10) * 480 }));
    }
    expect(timeline.frameMs).toBe(60);
  });

  it('takes another clock rate for a leap (RFC 7160)', () => {
    expect(after(10).place(frame(10, 200, { timestamp: 9600, clockRateHz: 48_000 }))).toBeUndefined();
  });

  it('places a copy by its own timestamp, or by its number where that is absurd', () => {
    const timeline = after(10);
    expect(timeline.place(frame(8, 180, { isRedundant: true }))).toBe(160);
    expect(timeline.place(frame(8, 180, { isRedundant: true, timestamp: 0x7000_0000 }))).toBe(160);
  });
});
