import { describe, expect, it } from 'vitest';
import type { ReportBlock } from '../../../../media/rtcp/index.ts';
import {
  encodeRtp,
  rtpMarker,
  rtpSequenceNumber,
  rtpSsrc,
  rtpTimestamp,
} from '../../../../media/rtp/index.ts';
import { OutboundStream } from '../../../../media/stream/index.ts';

const OURS = 0x5555;

function packet(sequenceNumber: number, timestamp: number, ssrc = 1): Uint8Array {
  return encodeRtp({ payloadType: 0, marker: false, sequenceNumber, timestamp, ssrc }, new Uint8Array(160));
}

/** Sends one packet through the stream. @returns its sequence number, timestamp and marker as they went out */
function sendThrough(stream: OutboundStream, now: number, bytes: Uint8Array): [number, number, boolean] {
  stream.adopt(now, bytes, 8000);
  expect(rtpSsrc(bytes)).toBe(OURS);
  return [rtpSequenceNumber(bytes), rtpTimestamp(bytes), rtpMarker(bytes)];
}

const block = (extendedHighestSequenceNumber: number, changes: Partial<ReportBlock> = {}): ReportBlock => ({
  ssrc: OURS,
  fractionLost: 0,
  cumulativeLost: 0,
  extendedHighestSequenceNumber,
  interarrivalJitter: 0,
  lastSr: 0,
  delaySinceLastSr: 0,
  ...changes,
});

describe('OutboundStream', () => {
  it('leaves the first source its numbers, losses and reordering too', () => {
    const stream = new OutboundStream(OURS);
    const numbers = [7, 9, 8, 12];
    const sent = numbers.map((n, i) => sendThrough(stream, 20 * i, packet(n, 160 * n)));
    expect(sent).toEqual(numbers.map((n) => [n, 160 * n, false]));
  });

  it.each([
    { name: 'in the middle', last: [100, 16_000], next: [101, 16_160] },
    { name: 'at the wrap of the sequence number', last: [65_535, 16_000], next: [0, 16_160] },
    { name: 'at the wrap of the timestamp', last: [5, 0xffff_ff9c], next: [6, 60] },
    { name: 'at both', last: [65_535, 0xffff_ffff], next: [0, 159] },
  ] as const)(
    'goes on with the next source where it stood, marked: $name (RFC 3550 §5.1)',
    ({ last, next }) => {
      const stream = new OutboundStream(OURS);
      sendThrough(stream, 0, packet(last[0], last[1], 1));
      expect(sendThrough(stream, 20, packet(40_000, 77, 2))).toEqual([next[0], next[1], true]);
      expect(sendThrough(stream, 40, packet(40_001, 237, 2))).toEqual([
        (next[0] + 1) & 0xffff,
        (next[1] + 160) >>> 0,
        false,
      ]);
    },
  );

  it('lets the timestamp tell the time that passed in between', () => {
    const stream = new OutboundStream(OURS);
    sendThrough(stream, 0, packet(1, 1000, 1));
    expect(sendThrough(stream, 5000, packet(9, 9, 2))).toEqual([2, 41_000, true]);
  });

  it('never repeats a timestamp where two sources send in the same moment', () => {
    const stream = new OutboundStream(OURS);
    sendThrough(stream, 0, packet(1, 1000, 1));
    expect(sendThrough(stream, 0, packet(9, 9, 2))[1]).toBe(1001);
  });

  it('goes on without a hole after an interruption of the same source', () => {
    const stream = new OutboundStream(OURS);
    sendThrough(stream, 0, packet(1, 160));
    stream.interrupt();
    expect(sendThrough(stream, 20, packet(500, 80_000))).toEqual([2, 320, true]);
  });

  it('counts an interruption before the first packet as none', () => {
    const stream = new OutboundStream(OURS);
    stream.interrupt();
    expect(sendThrough(stream, 0, packet(500, 80_000))).toEqual([500, 80_000, false]);
  });

  it('counts octets without headers, as a sender report does (RFC 3550 §6.4.1)', () => {
    const stream = new OutboundStream(OURS);
    for (const n of [1, 2, 3]) stream.adopt(0, packet(n, n), 8000);
    expect([stream.sent, stream.sentBytes, stream.sentPayloadBytes]).toEqual([3, 3 * 172, 3 * 160]);
  });

  it.each([
    { name: 'of a stream', timestamp: 1000, elapsedMs: 50, expected: 1400 },
    { name: 'over the wrap', timestamp: 0xffff_ff00, elapsedMs: 50, expected: 144 },
  ])('tells the timestamp of a moment $name', ({ timestamp, elapsedMs, expected }) => {
    const stream = new OutboundStream(OURS);
    stream.adopt(100, packet(1, timestamp), 8000);
    expect(stream.timestampAt(100 + elapsedMs)).toBe(expected);
  });
});

describe('OutboundStream.expectedAtParty', () => {
  function streamOf(first: number, count: number): OutboundStream {
    const stream = new OutboundStream(OURS);
    for (let i = 0; i < count; i += 1) stream.adopt(20 * i, packet((first + i) & 0xffff, 160 * i), 8000);
    return stream;
  }

  it.each([
    { name: 'all of them', first: 100, count: 50, highest: 149, expected: 50 },
    { name: 'those under way left out', first: 100, count: 50, highest: 139, expected: 40 },
    { name: 'over a wrap', first: 65_530, count: 20, highest: 0x1_0000 + 13, expected: 20 },
    { name: 'over a wrap that the party did not count', first: 65_530, count: 20, highest: 13, expected: 20 },
    { name: 'before a wrap that has happened since', first: 65_530, count: 20, highest: 65_535, expected: 6 },
    { name: 'over two wraps', first: 65_000, count: 131_072 + 10, highest: 65_009, expected: 131_082 },
    { name: 'nothing from before we began', first: 100, count: 5, highest: 99, expected: 0 },
  ])('counts from our first to the highest it saw: $name', ({ first, count, highest, expected }) => {
    const stream = streamOf(first, count);
    stream.handleReport(0, 0, block(highest));
    expect(stream.expectedAtParty).toBe(expected);
  });

  it('is not known before a report', () => {
    expect(streamOf(1, 5).expectedAtParty).toBeUndefined();
  });

  it('has nothing of a liar who saw what we never sent', () => {
    const stream = streamOf(100, 5);
    for (const highest of [0, 200, 40_000, 0xffff_ffff]) {
      expect(stream.handleReport(0, 0, block(highest))).toBe(false);
      expect(stream.expectedAtParty).toBeUndefined();
    }
  });
});
