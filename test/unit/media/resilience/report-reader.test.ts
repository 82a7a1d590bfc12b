import { describe, expect, it } from 'vitest';
import { type ReportedStream, ReportReader } from '../../../../media/resilience/index.ts';
import type { ReportBlock } from '../../../../media/rtcp/index.ts';
import { middleNtp } from '../../../../media/stream/ntp.ts';
import { RoundTrip } from '../../../../media/stream/round-trip.ts';

const block = (changes: Partial<ReportBlock> = {}): ReportBlock => ({
  ssrc: 1,
  fractionLost: 64,
  cumulativeLost: 0,
  extendedHighestSequenceNumber: 149,
  interarrivalJitter: 480,
  lastSr: 0,
  delaySinceLastSr: 0,
  ...changes,
});

const stream = (changes: Partial<ReportedStream> = {}): ReportedStream => ({
  sent: 1000,
  firstSequence: 100,
  clockRateHz: 48_000,
  roundTrip: new RoundTrip(),
  ...changes,
});

describe('ReportReader', () => {
  it('gives loss as a ratio and jitter as time', () => {
    expect(new ReportReader().read(block(), stream())).toEqual({
      lossRatio: 0.25,
      packets: 50,
      roundTripMs: null,
      jitterMs: 10,
    });
  });

  it.each([
    { name: 'from the first packet on', first: 65_530, highest: [9], packets: [16] },
    { name: 'from report to report', first: 0, highest: [99, 149, 149], packets: [100, 50, 0] },
    { name: 'over the wrap of 16 bits', first: 65_000, highest: [65_535, 0x1_0009], packets: [536, 10] },
    { name: 'as none where the number goes back', first: 0, highest: [99, 49], packets: [100, 0] },
    { name: 'as no more than were sent', first: 0, highest: [20_000], packets: [1000] },
  ])('counts packets $name', ({ first, highest, packets }) => {
    const reader = new ReportReader();
    const read = (extendedHighestSequenceNumber: number) =>
      reader.read(block({ extendedHighestSequenceNumber }), stream({ firstSequence: first })).packets;
    expect(highest.map(read)).toEqual(packets);
  });

  it('tells the round trip where the report measures it, and no older one', () => {
    const roundTrip = new RoundTrip();
    roundTrip.handleReport(1_000_080, { lastSr: middleNtp(1_000_000), delaySinceLastSr: 0 });
    const reader = new ReportReader();
    expect(reader.read(block({ lastSr: 1 }), stream({ roundTrip })).roundTripMs).toBeCloseTo(80, 1);
    expect(reader.read(block({ lastSr: 0 }), stream({ roundTrip })).roundTripMs).toBeNull();
  });
});
