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
