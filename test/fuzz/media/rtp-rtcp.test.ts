import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../core/index.ts';
import { decodeRtcp, encodeRtcp } from '../../../media/rtcp/index.ts';
import { demultiplexMedia, rtpPayloadEnd, rtpPayloadOffset } from '../../../media/rtp/index.ts';

// Two properties share the time.
const limitMs = (Number(process.env.PATCHCORD_FUZZ_SECONDS ?? 10) * 1000) / 2;
const parameters = { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: limitMs };

/** Bytes that look like media, so that they get past the first check: any, or a true compound with flips. */
const base = encodeRtcp([
  { type: 'RR', ssrc: 1, reports: [] },
  { type: 'SDES', chunks: [{ ssrc: 1, cname: 'patchcord' }] },
  { type: 'BYE', sources: [1, 2], reason: 'over' },
]);
const flips = fc.array(fc.tuple(fc.nat(base.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 6 });
const flipped = flips.map((changes) => {
  const bytes = base.slice();
  for (const [offset, value] of changes) bytes[offset] = value;
  return bytes;
});
const headed = fc
  .tuple(fc.integer({ min: 0x80, max: 0xbf }), fc.uint8Array({ maxLength: 80 }))
  .map(([first, rest]) => Uint8Array.of(first, ...rest));
const datagrams = fc.oneof(headed, flipped, fc.uint8Array({ maxLength: 200 }));

describe('hostile media datagrams', () => {
  it('an RTP packet that is accepted has its payload within its bytes', () => {
    fc.assert(
      fc.property(datagrams, (bytes) => {
        demultiplexMedia(bytes);
        const offset = rtpPayloadOffset(bytes);
        if (offset < 0) return;
        expect(offset).toBeGreaterThanOrEqual(12);
        expect(rtpPayloadEnd(bytes)).toBeGreaterThanOrEqual(offset);
        expect(rtpPayloadEnd(bytes)).toBeLessThanOrEqual(bytes.length);
      }),
      parameters,
    );
  });

  it('RTCP decodes to a value or an error, never a throw, and encodes again to what it said', () => {
    fc.assert(
      fc.property(datagrams, (bytes) => {
        const packets = decodeRtcp(bytes, 'any');
        if (packets instanceof DecodeError) return;
        const known = packets.filter((packet) => packet.type === 'SR' || packet.type === 'RR');
        expect(decodeRtcp(encodeRtcp(known), 'any')).toEqual(
          known.length > 0 ? known : expect.any(DecodeError),
        );
      }),
      parameters,
    );
  });
});
