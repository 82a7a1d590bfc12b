import { describe, expect, it } from 'vitest';
import { JitterBuffer } from '../../../../media/jitter/index.ts';
import { FRAME_MS, frame, play } from './frames.ts';

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);
const inTime = (count: number) => numbers(count).map((sequence) => frame(sequence, sequence * FRAME_MS));

describe('JitterBuffer', () => {
  it('plays what comes in time, all of it, in order', () => {
    const buffer = new JitterBuffer();
    expect(play(buffer, inTime(100)).sequences).toEqual(numbers(100));
    expect(buffer.statistics).toMatchObject({ received: 100, played: 100, late: 0, lost: 0 });
  });

  it('puts in order what came out of order', () => {
    const buffer = new JitterBuffer();
    const frames = inTime(100).map((each) =>
      each.extendedSequenceNumber === 50 ? { ...each, arrivedAt: each.arrivedAt + 25 } : each,
    );
    expect(play(buffer, frames).sequences).toEqual(numbers(100));
    expect(buffer.statistics).toMatchObject({ played: 100, reordered: 1, late: 0, lost: 0 });
  });

  it('conceals a lost packet for as long as it would have lasted, and counts it once', () => {
    const buffer = new JitterBuffer();
    const frames = inTime(100).filter((each) => each.extendedSequenceNumber !== 50);
    const { played, sequences } = play(buffer, frames);
    expect(sequences).toEqual(numbers(100).filter((sequence) => sequence !== 50));
    expect(played.filter(({ type }) => type === 'lost')).toMatchObject([{ durationMs: FRAME_MS }]);
    expect(buffer.statistics).toMatchObject({ received: 99, played: 99, lost: 1, late: 0 });
  });

  it('takes a lost packet from the in-band FEC of its successor', () => {
    const buffer = new JitterBuffer();
    const frames = inTime(100)
      .filter((each) => each.extendedSequenceNumber !== 50)
      .map((each) => ({ ...each, hasFec: true }));
    const { played } = play(buffer, frames);
    expect(played.filter(({ type }) => type === 'recover')).toMatchObject([{ sequence: 51 }]);
    expect(buffer.statistics).toMatchObject({ recovered: 1, lost: 0, late: 0 });
  });

  it.each([0, 0.5])('keeps its delay bounded where timestamps run at %d of their speed', (speed) => {
    const buffer = new JitterBuffer();
    const frames = inTime(3000).map((each) => ({ ...each, timestamp: Math.round(each.timestamp * speed) }));
    play(buffer, frames);
    expect(buffer.statistics.targetDelayMs).toBeLessThan(6000);
    expect(buffer.statistics.played).toBeGreaterThan(2000);
  });

  it('plays the copy of a lost packet that a later one carried (RFC 2198)', () => {
    const buffer = new JitterBuffer();
    const frames = inTime(100).flatMap((each) => {
      const { extendedSequenceNumber, arrivedAt } = each;
      const copy = frame(extendedSequenceNumber - 1, arrivedAt, { isRedundant: true });
      return extendedSequenceNumber === 50 ? [] : extendedSequenceNumber === 0 ? [each] : [each, copy];
    });
    expect(play(buffer, frames).sequences).toEqual(numbers(100));
    expect(buffer.statistics).toMatchObject({
      received: 99,
      played: 99,
      recovered: 1,
      lost: 0,
      duplicate: 0,
    });
  });
});

/** Silence of the far end, stalls, other streams, clocks that run wrong. */
describe('JitterBuffer over time', () => {
  it('counts silence of the far end as time, not as loss or concealment', () => {
    const buffer = new JitterBuffer();
    const silenceMs = 3000;
    const frames = numbers(200).map((sequence) => {
      const sentAt = sequence * FRAME_MS + (sequence < 100 ? 0 : silenceMs);
      return frame(sequence, sentAt, { timestamp: sentAt * 8 });
    });
    expect(play(buffer, frames).sequences).toEqual(numbers(200));
    expect(buffer.statistics).toMatchObject({ lost: 0, late: 0, concealedMs: 0 });
  });

  it('makes nothing up after a packet that announces silence', () => {
    const buffer = new JitterBuffer();
    const frames = inTime(50).map((each) => ({ ...each, isDtx: each.extendedSequenceNumber === 49 }));
    const { played } = play(buffer, frames, 2000);
    expect(played.filter(({ type }) => type === 'wait')).toEqual([]);
    expect(buffer.statistics.concealedMs).toBe(0);
  });

  it('is back within a second after a stall of 2 s, and plays no burst of old sound', () => {
    const buffer = new JitterBuffer();
    const stall = { from: 2000, to: 4000 };
    const frames = inTime(400).map((each) =>
      each.arrivedAt >= stall.from && each.arrivedAt < stall.to ? { ...each, arrivedAt: stall.to } : each,
    );
    const { played } = play(buffer, frames);
    const oldest = played.find(({ at, type }) => type === 'frame' && at >= stall.to)?.sequence ?? 0;
    expect(oldest * FRAME_MS).toBeGreaterThan(stall.to - 200);
    const aSecondLater = played.find(({ at, type }) => type === 'frame' && at >= stall.to + 1000);
    expect((aSecondLater?.at ?? 0) - (aSecondLater?.sequence ?? 0) * FRAME_MS).toBeLessThan(150);
  });

  it.each([-2000, -500, 500, 2000])('keeps its delay over 20 minutes against a clock %d ppm off', (ppm) => {
    const buffer = new JitterBuffer();
    const count = 60_000;
    const frames = numbers(count).map((sequence) => frame(sequence, (sequence * FRAME_MS) / (1 + ppm / 1e6)));
    const { played } = play(buffer, frames, 0);
    const delays = played
      .filter(({ type }) => type === 'frame')
      .map(({ at, sequence = 0 }) => at - (sequence * FRAME_MS) / (1 + ppm / 1e6));
    expect(Math.max(...delays.slice(-10_000))).toBeLessThan(120);
    expect(buffer.statistics.clockDriftPpm).toBeGreaterThan(ppm - 30);
    expect(buffer.statistics.clockDriftPpm).toBeLessThan(ppm + 30);
    expect(buffer.statistics.concealedMs / (count * FRAME_MS)).toBeLessThan(0.001);
  });

  it('begins anew with another SSRC, and throws away what waits of the old one', () => {
    const buffer = new JitterBuffer();
    const others = numbers(100, 40_000).map((sequence) =>
      frame(sequence, 2000 + (sequence - 40_000) * FRAME_MS, { ssrc: 2 }),
    );
    expect(play(buffer, [...inTime(100), ...others]).sequences.slice(-100)).toEqual(numbers(100, 40_000));
    const { received, played, overflowed } = buffer.statistics;
    expect(played + overflowed).toBe(received);
    expect(overflowed).toBeLessThan(5);
  });

  it.each([
    { name: 'ahead', from: 20_000 },
    { name: 'back', from: 0 },
  ])('begins anew after a jump $name once two packets prove it (RFC 3550 A.1)', ({ from }) => {
    const buffer = new JitterBuffer();
    const before = numbers(100, 5000).map((sequence) => frame(sequence, (sequence - 5000) * FRAME_MS));
    const after = numbers(100, from).map((sequence) => frame(sequence, 2000 + (sequence - from) * FRAME_MS));
    const stray = frame(60_000, 1000);
    const { sequences } = play(buffer, [...before, stray, ...after]);
    expect(sequences).not.toContain(60_000);
    expect(sequences.slice(-99)).toEqual(numbers(99, from + 1));
  });

  it.each([
    { name: 'ahead', leap: 800_000, pauseMs: 0 },
    { name: 'back', leap: -160_000, pauseMs: 0 },
    { name: 'back after a pause', leap: -160_000, pauseMs: 10_000 },
  ])('plays on where the timestamp leaps $name', ({ leap, pauseMs }) => {
    const buffer = new JitterBuffer();
    const frames = inTime(200).map((each) => ({
      ...each,
      arrivedAt: each.arrivedAt + (each.extendedSequenceNumber < 100 ? 0 : pauseMs),
      timestamp: (each.timestamp + (each.extendedSequenceNumber < 100 ? 400_000 : 400_000 + leap)) >>> 0,
    }));
    const { sequences, played } = play(buffer, frames);
    expect(sequences).toEqual(numbers(200));
    const last = played.findLast(({ type }) => type === 'frame');
    expect((last?.at ?? 0) - 199 * FRAME_MS - pauseMs).toBeLessThan(150);
    expect(buffer.statistics.targetDelayMs).toBe(40);
  });

  it('waits for a packet that is a little late rather than losing it', () => {
    const buffer = new JitterBuffer();
    const frames = inTime(100).map((each) =>
      each.extendedSequenceNumber >= 50 && each.extendedSequenceNumber < 55
        ? { ...each, arrivedAt: Math.max(each.arrivedAt, 50 * FRAME_MS + 95) }
        : each,
    );
    expect(play(buffer, frames).sequences).toEqual(numbers(100));
    expect(buffer.statistics).toMatchObject({ late: 0, lost: 0 });
    expect(buffer.statistics.concealedMs).toBeGreaterThan(0);
  });

  it('counts a packet that came after its turn as late, and no longer as lost', () => {
    const buffer = new JitterBuffer();
    const frames = inTime(100).map((each) =>
      each.extendedSequenceNumber === 50 ? { ...each, arrivedAt: each.arrivedAt + 300 } : each,
    );
    play(buffer, frames);
    expect(buffer.statistics).toMatchObject({ received: 100, played: 99, late: 1, lost: 0 });
  });
});
