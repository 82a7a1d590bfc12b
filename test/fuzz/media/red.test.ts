import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JitterFrame } from '../../../media/jitter/index.ts';
import { RedReceiver, RedSender } from '../../../media/red/index.ts';

// Two properties share the time.
const limitMs = (Number(process.env.PATCHCORD_FUZZ_SECONDS ?? 10) * 1000) / 2;
const parameters = { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: limitMs };

const timestamp = fc.nat(0xffff_ffff);
const payload = fc.uint8Array({ maxLength: 1400, size: 'max' });
/** True packets with flips, and bytes of any kind. */
const truePacket = fc
  .tuple(fc.uint8Array({ maxLength: 60 }), fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 4 }))
  .map(([primary, changes]) => {
    const red = new RedSender();
    red.level = 2;
    for (const n of [0, 1]) red.encode(111, Uint8Array.of(n, n, n), 960 * n);
    const bytes = (red.encode(111, primary, 1920) ?? primary).slice();
    for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
    return bytes;
  });
const frames = fc.array(
  fc.record({
    payload: fc.oneof(truePacket, fc.uint8Array({ maxLength: 200 })),
    // Near each other, and with leaps.
    extendedSequenceNumber: fc.oneof(fc.nat(60), fc.nat(0x7fff_ffff)),
    timestamp: fc.oneof(
      fc.nat(60).map((n) => 960 * n),
      timestamp,
    ),
    ssrc: fc.nat(1),
  }),
  { maxLength: 30 },
);

describe('hostile RED (RFC 2198)', () => {
  it('gives blocks that lie in their packet, before it in the stream, or nothing at all', () => {
    fc.assert(
      fc.property(frames, (all) => {
        const receiver = new RedReceiver();
        for (const [arrivedAt, one] of all.entries()) {
          const frame: JitterFrame = {
            ...one,
            payloadType: 63,
            marker: false,
            arrivedAt,
            clockRateHz: 48_000,
          };
          const taken: JitterFrame[] = [];
          const error = receiver.unpack(frame, (block) => taken.push(block));
          expect(taken.length > 0).toBe(error === undefined);
          for (const block of taken) {
            const distance = frame.extendedSequenceNumber - block.extendedSequenceNumber;
            expect(block.isRedundant === true ? distance >= 1 && distance <= 32 : distance === 0).toBe(true);
            expect(block.payload.buffer).toBe(frame.payload.buffer);
            expect(block.payload.length).toBeLessThan(frame.payload.length);
          }
          expect(new Set(taken.map((block) => block.extendedSequenceNumber)).size).toBe(taken.length);
        }
      }),
      parameters,
    );
  });

  it('is sent so that it reads as it was meant, and is never longer than a path takes', () => {
    const sounds = fc.array(fc.tuple(payload, timestamp, fc.nat(127)), { maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom(0, 1, 2), sounds, (level, all) => {
        const red = new RedSender();
        red.level = level;
        for (const [sound, at, payloadType] of all) {
          const packet = red.encode(payloadType, sound, at);
          if (!packet) continue;
          expect(packet.length).toBeLessThanOrEqual(1200);
          const { blocks } = new RedReceiver();
          expect(blocks.decode(packet, 0, packet.length)).toBeUndefined();
          const primary = blocks.copyCount;
          expect(primary).toBeLessThanOrEqual(level);
          expect(blocks.payloadTypeOf(primary)).toBe(payloadType);
          expect(packet.subarray(blocks.startOf(primary), blocks.endOf(primary))).toEqual(sound);
        }
      }),
      parameters,
    );
  });
});
