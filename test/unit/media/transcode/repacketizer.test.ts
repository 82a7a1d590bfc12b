import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planConversion } from '../../../../media/transcode/index.ts';
import { Repacketizer } from '../../../../media/transcode/repacketizer.ts';
import { createLeg, EVENTS, PCMU, packet } from './legs.ts';

function createRepacketizer(ptimeMs: number) {
  const formats = [PCMU, EVENTS];
  const plan = planConversion({ formats, ptimeMs: ptimeMs === 20 ? 30 : 20 }, { formats, ptimeMs });
  if (!plan) throw new Error('packets of another length are cut anew');
  const { leg, sent, state } = createLeg();
  return { repacketizer: new Repacketizer(plan, leg), sent, state };
}

const event = (sequenceNumber: number, timestamp: number) =>
  packet({ payloadType: 101, sequenceNumber, timestamp, payload: Uint8Array.of(1, 0x0a, 0, 160) });

describe('Repacketizer', () => {
  it('sends the same bytes in packets of one length, whatever lengths they come in', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 40 });
    fc.assert(
      fc.property(lengths, fc.constantFrom(10, 30, 60), fc.nat(0xffff_ffff), (sizes, ptimeMs, start) => {
        const { repacketizer, sent } = createRepacketizer(ptimeMs);
        const all: number[] = [];
        for (const [index, size] of sizes.entries()) {
          const payload = Uint8Array.from({ length: size }, (_, i) => all.length + i);
          const timestamp = (start + all.length) >>> 0;
          expect(
            repacketizer.handlePacket(0, packet({ sequenceNumber: index, timestamp, payload }), 12),
          ).toBe('consumed');
          all.push(...payload);
        }
        const whole = Math.floor(all.length / (ptimeMs * 8)) * ptimeMs * 8;
        expect(sent.flatMap(({ payload }) => [...payload])).toEqual(all.slice(0, whole));
        expect(sent.every(({ payload }) => payload.length === ptimeMs * 8)).toBe(true);
        expect(sent.map(({ sequenceNumber }) => sequenceNumber)).toEqual(sent.map((_, index) => index));
        expect(sent.map(({ timestamp }) => timestamp)).toEqual(sent.map((_, index) => index * ptimeMs * 8));
      }),
      { numRuns: 100 },
    );
  });

  it('drops what has passed, and joins anew where timestamps leap or the source changes', () => {
    const { repacketizer, sent, state } = createRepacketizer(10);
    const take = (timestamp: number, ssrc = 7) =>
      repacketizer.handlePacket(0, packet({ timestamp, ssrc, payload: new Uint8Array(80) }), 12);
    expect([take(1000), take(1000), take(920), take(1080)]).toEqual(['consumed', 'late', 'late', 'consumed']);
    const before = state.interruptions;
    expect([take(3_000_000), take(20), take(20, 8)]).toEqual(['consumed', 'consumed', 'consumed']);
    expect(state.interruptions - before).toBe(3);
    expect(sent).toHaveLength(5);
  });

  it('joins anew where timestamps go back and numbers do not: the sender began anew, and is not late for seconds', () => {
    const { repacketizer, sent, state } = createRepacketizer(10);
    const take = (sequenceNumber: number, timestamp: number) =>
      repacketizer.handlePacket(0, packet({ sequenceNumber, timestamp, payload: new Uint8Array(80) }), 12);
    expect([take(10, 40_000), take(11, 40_080)]).toEqual(['consumed', 'consumed']);
    const before = state.interruptions;
    expect([take(12, 800), take(13, 880)]).toEqual(['consumed', 'consumed']);
    expect(state.interruptions - before).toBe(1);
    expect(sent).toHaveLength(4);
  });

  it('tells a loss, a hole in numbers and timestamps, from a pause, one in timestamps alone', () => {
    const { repacketizer, sent } = createRepacketizer(10);
    const take = (sequenceNumber: number, timestamp: number) =>
      repacketizer.handlePacket(0, packet({ sequenceNumber, timestamp, payload: new Uint8Array(80) }), 12);
    take(65_535, 0);
    // Nothing is sent for 320 ticks, then four packets are lost, over the wrap of the numbers.
    take(0, 400);
    take(5, 800);
    expect(sent.map(({ timestamp }) => timestamp)).toEqual([0, 400, 800]);
    expect(sent.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 1, 6]);
  });

  it('takes no digit in the place of sound for a loss', () => {
    const { repacketizer, sent } = createRepacketizer(10);
    const sound = new Uint8Array(80);
    repacketizer.handlePacket(0, packet({ sequenceNumber: 1, timestamp: 0, payload: sound }), 12);
    for (const sequenceNumber of [2, 3, 4]) repacketizer.handlePacket(20, event(sequenceNumber, 80), 12);
    repacketizer.handlePacket(100, packet({ sequenceNumber: 5, timestamp: 800, payload: sound }), 12);
    expect(sent.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 1, 2, 3, 4]);
    expect(sent.at(-1)?.timestamp).toBe(800);
  });

  it('gives each digit its place, also where no sound comes before them or between', () => {
    const { repacketizer, sent } = createRepacketizer(10);
    repacketizer.handlePacket(1000, event(1, 5000), 12);
    repacketizer.handlePacket(1020, event(2, 5000), 12);
    repacketizer.handlePacket(1200, event(3, 6600), 12);
    expect(sent.map(({ timestamp }) => timestamp)).toEqual([0, 0, 1600]);
  });

  it('takes half a sample for malformed', () => {
    const formats = [{ payloadType: 96, encoding: 'l16', clockRateHz: 16_000, channels: 2 }];
    const plan = planConversion({ formats, ptimeMs: 20 }, { formats, ptimeMs: 10 });
    const { leg } = createLeg();
    const repacketizer = plan && new Repacketizer(plan, leg);
    const take = (length: number) =>
      repacketizer?.handlePacket(0, packet({ payloadType: 96, payload: new Uint8Array(length) }), 12);
    expect([take(6), take(8)]).toEqual(['malformed', 'consumed']);
  });

  it('never throws and never grows, whatever comes', () => {
    const any = fc.record({
      payloadType: fc.constantFrom(0, 101),
      timestamp: fc.nat(0xffff_ffff),
      ssrc: fc.nat(3),
      payload: fc.uint8Array({ maxLength: 200 }),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 50 }), (packets) => {
        const { repacketizer, sent } = createRepacketizer(60);
        for (const fields of packets) repacketizer.handlePacket(0, packet(fields), 12);
        const inBytes = packets.reduce((sum, { payload }) => sum + payload.length, 0);
        const outBytes = sent.reduce((sum, { payload }) => sum + payload.length, 0);
        expect(outBytes).toBeLessThanOrEqual(inBytes);
      }),
    );
  });
});
