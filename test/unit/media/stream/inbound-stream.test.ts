import { describe, expect, it } from 'vitest';
import { InboundStream } from '../../../../media/stream/index.ts';

const RATE = 8000;

/** Packets of 20 ms with these numbers, each arriving at its time. */
function streamOf(sequences: readonly number[], ssrc = 1): InboundStream {
  const stream = new InboundStream({ concealment: true });
  stream.encoding = 'pcmu';
  for (const [index, sequence] of sequences.entries()) {
    stream.receive(20 * index, ssrc, sequence, (160 * index) >>> 0, RATE);
  }
  return stream;
}

const range = (first: number, count: number) => Array.from({ length: count }, (_, i) => (first + i) & 0xffff);

describe('InboundStream counts', () => {
  it.each([
    { name: 'nothing', sequences: [], expected: 0, received: 0 },
    { name: 'all', sequences: range(1, 10), expected: 10, received: 10 },
    { name: 'a loss', sequences: [1, 2, 4, 5], expected: 5, received: 4 },
    { name: 'a packet twice', sequences: [1, 2, 2, 3], expected: 3, received: 4 },
    { name: 'reordered packets', sequences: [1, 3, 2, 4], expected: 4, received: 4 },
    { name: 'a wrap', sequences: range(65_530, 12), expected: 12, received: 12 },
    { name: 'a loss over the wrap', sequences: [65_534, 65_535, 1, 2], expected: 5, received: 4 },
    { name: 'a jump that nothing confirms', sequences: [1, 2, 30_000, 3], expected: 3, received: 3 },
    { name: 'a restart', sequences: [1, 2, 30_000, 30_001, 30_002], expected: 4, received: 4 },
  ])('$name (RFC 3550 A.3)', ({ sequences, expected, received }) => {
    const stream = streamOf(sequences);
    expect([stream.expected, stream.received]).toEqual([expected, received]);
  });

  it('over changes of the SSRC', () => {
    const stream = streamOf([1, 2, 4]);
    for (const sequence of [500, 501, 503]) stream.receive(100, 2, sequence, 0, RATE);
    expect([stream.expected, stream.received, stream.ssrc]).toEqual([8, 6, 2]);
    expect(stream.reportBlock(200)).toMatchObject({ ssrc: 2, cumulativeLost: 1 });
  });
});

describe('InboundStream jitter', () => {
  it('is null before the first packet and zero for a steady stream', () => {
    expect(streamOf([]).jitterMs).toBeNull();
    expect(streamOf(range(1, 50)).jitterMs).toBe(0);
  });

  it('does not see packets of one event, which share a timestamp (RFC 4733 §2.3)', () => {
    const stream = streamOf(range(1, 10));
    for (let i = 0; i < 7; i += 1) stream.receive(200 + 20 * i, 1, 11 + i, 1600, RATE, true);
    expect(stream.jitterMs).toBe(0);
  });

  it('does not see a restart of the timestamps', () => {
    const stream = streamOf(range(1, 10));
    for (let i = 0; i < 10; i += 1) stream.receive(200 + 20 * i, 1, 40_000 + i, 5_000_000 + 160 * i, RATE);
    for (let i = 0; i < 10; i += 1) stream.receive(400 + 20 * i, 9, i, 3_000_000 + 160 * i, RATE);
    expect(stream.maxJitterMs).toBe(0);
  });

  it('keeps its largest value', () => {
    const stream = streamOf(range(1, 10));
    stream.receive(300, 1, 11, 1600, RATE);
    const largest = stream.jitterMs ?? 0;
    for (let i = 0; i < 200; i += 1) stream.receive(320 + 20 * i, 1, 12 + i, 1760 + 160 * i, RATE);
    expect(largest).toBeGreaterThan(5);
    expect(stream.maxJitterMs).toBe(largest);
    expect(stream.jitterMs).toBeLessThan(1);
  });
});

describe('InboundStream.reportBlock()', () => {
  it('is none before a packet came', () => {
    expect(streamOf([]).reportBlock(0)).toBeUndefined();
  });

  it('tells the loss since the last report, and all of it (RFC 3550 §6.4.1)', () => {
    const stream = streamOf(range(1, 10));
    expect(stream.reportBlock(200)).toMatchObject({ fractionLost: 0, cumulativeLost: 0 });
    for (const sequence of [12, 14, 16, 18, 20]) stream.receive(0, 1, sequence, 0, RATE);
    expect(stream.reportBlock(400)).toMatchObject({ fractionLost: 128, cumulativeLost: 5 });
    expect(stream.reportBlock(600)).toMatchObject({ fractionLost: 0, cumulativeLost: 5 });
  });

  it('tells the highest number with its cycles', () => {
    const block = streamOf(range(65_530, 12)).reportBlock(0);
    expect(block?.extendedHighestSequenceNumber).toBe(0x1_0000 + 5);
  });

  it('answers a sender report with LSR and DLSR, and none with zeros', () => {
    const stream = streamOf([1, 2]);
    expect(stream.reportBlock(100)).toMatchObject({ lastSr: 0, delaySinceLastSr: 0 });
    const report = { type: 'SR', ssrc: 1, timestamp: 0, packetCount: 0, octetCount: 0, reports: [] } as const;
    stream.handleSenderReport(1000, { ...report, ntpSeconds: 0x1234_5678, ntpFraction: 0x9abc_def0 });
    expect(stream.reportBlock(1500)).toMatchObject({ lastSr: 0x5678_9abc, delaySinceLastSr: 32_768 });
  });

  it('forgets the sender report of a source that is gone', () => {
    const stream = streamOf([1, 2]);
    const report = { type: 'SR', ssrc: 1, timestamp: 0, packetCount: 0, octetCount: 0, reports: [] } as const;
    stream.handleSenderReport(1000, { ...report, ntpSeconds: 5, ntpFraction: 0 });
    stream.receive(1200, 2, 9, 0, RATE);
    expect(stream.reportBlock(1500)).toMatchObject({ ssrc: 2, lastSr: 0, delaySinceLastSr: 0 });
  });
});

describe('InboundStream.history()', () => {
  it('rates each second by its own loss', () => {
    const lossy = range(1, 200).filter((sequence) => sequence <= 50 || sequence > 100 || sequence % 5 > 0);
    const stream = new InboundStream({ concealment: true });
    stream.encoding = 'pcmu';
    for (const sequence of lossy) stream.receive(20 * sequence, 1, sequence, 160 * sequence, RATE);
    const [first = 0, second = 0, third = 0] = stream.history().mosLq.map((mos) => mos ?? 0);
    expect(second).toBeLessThan(first - 1);
    expect(third).toBeGreaterThan(second + 1);
  });

  it('has a gap for seconds without packets', () => {
    const stream = streamOf(range(1, 50));
    stream.receive(5_020, 1, 51, 40_160, RATE);
    const [first, ...others] = stream.history().mosLq;
    expect(first).toBeGreaterThan(4);
    expect(others).toEqual([null, null, null, null]);
  });

  it('stays null for a codec that nobody rated', () => {
    const stream = new InboundStream({ concealment: true });
    stream.encoding = 'speex';
    for (const sequence of range(1, 120)) stream.receive(20 * sequence, 1, sequence, 0, RATE);
    expect(stream.history().mosLq.every((mos) => mos === null)).toBe(true);
  });
});
