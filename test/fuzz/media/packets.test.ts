// Everything that is read out of a media datagram.
import { expect } from 'vitest';
import { DecodeError } from '../../../core/index.ts';
import { RedReceiver } from '../../../media/red/index.ts';
import { decodeRtcp, encodeRtcp } from '../../../media/rtcp/index.ts';
import { demultiplexMedia, encodeRtp, rtpPayloadEnd, rtpPayloadOffset } from '../../../media/rtp/index.ts';
import { DIGITS, TelephoneEventReceiver } from '../../../media/telephone-event/index.ts';
import { demultiplex } from '../../../nat/index.ts';
import { type Fed, type FuzzTarget, fuzz } from '../support/fuzz.ts';

const RTP = encodeRtp(
  { payloadType: 0, marker: false, sequenceNumber: 7, timestamp: 160, ssrc: 1 },
  new Uint8Array(160),
);

const RTCP = encodeRtcp([
  { type: 'RR', ssrc: 1, reports: [] },
  { type: 'SDES', chunks: [{ ssrc: 1, cname: 'patchcord' }] },
  { type: 'BYE', sources: [1, 2], reason: 'over' },
]);

/** RFC 8489 §5: a Binding request. */
const STUN = Uint8Array.of(0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

/** RFC 2198 §3: two copies of four bytes, and a primary. */
const RED = Uint8Array.of(0xef, 0x1e, 0, 4, 0xef, 0x0f, 0, 4, 0x6f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

/** RFC 4733 §2.3: digit 5, then its end. */
const EVENTS = [Uint8Array.of(5, 10, 0, 160), Uint8Array.of(5, 0x8a, 3, 32)];

function readRtp(bytes: Uint8Array): void {
  const offset = rtpPayloadOffset(bytes);
  if (offset < 0) return;
  expect(offset).toBeGreaterThanOrEqual(12);
  expect(rtpPayloadEnd(bytes)).toBeGreaterThanOrEqual(offset);
  expect(rtpPayloadEnd(bytes)).toBeLessThanOrEqual(bytes.length);
}

function readRtcp(bytes: Uint8Array): void {
  const packets = decodeRtcp(bytes, 'any');
  if (packets instanceof DecodeError) return;
  const known = packets.filter((packet) => packet.type === 'SR' || packet.type === 'RR');
  expect(decodeRtcp(encodeRtcp(known), 'any')).toEqual(known.length > 0 ? known : expect.any(DecodeError));
}

/** One stream whose sequence numbers and timestamps leap. */
function redStream(): Fed {
  const receiver = new RedReceiver();
  let sequence = 1000;
  return {
    feed: (payload, random) => {
      sequence = random.uint32() % 20 === 0 ? random.uint32() : sequence + (random.uint32() % 4);
      const frame = {
        ...{ payloadType: 112, payload, marker: false, ssrc: random.uint32() % 3, clockRateHz: 48_000 },
        ...{ timestamp: random.uint32(), extendedSequenceNumber: sequence, arrivedAt: 0 },
      };
      let lengthBytes = 0;
      receiver.unpack(frame, (block) => {
        lengthBytes += block.payload.length;
        expect(block.payloadType).toBeLessThan(128);
      });
      expect(lengthBytes).toBeLessThanOrEqual(payload.length);
    },
  };
}

function eventStream(): Fed {
  const receiver = new TelephoneEventReceiver();
  let now = 0;
  return {
    feed: (payload, random) => {
      now += random.uint32() % 60;
      const timestamp = random.uint32() % 4 === 0 ? random.uint32() : now * 8;
      const digits = [receiver.receive(now, payload, { timestamp, clockRateHz: 8000 }), receiver.expire(now)];
      for (const told of digits.filter((digit) => digit !== undefined)) {
        expect(DIGITS).toContain(told.digit);
        expect(told.durationMs).toBeGreaterThanOrEqual(0);
        expect(told.durationMs).toBeLessThan(Number.POSITIVE_INFINITY);
      }
    },
  };
}

function tellApart(bytes: Uint8Array): void {
  expect(['rtp', 'rtcp', 'stun', 'other']).toContain(demultiplexMedia(bytes));
  expect(['stun', 'zrtp', 'dtls', 'turn-channel', 'rtp-rtcp', 'unknown']).toContain(demultiplex(bytes));
}

const TARGETS: readonly FuzzTarget[] = [
  { name: 'RTP', corpus: [RTP], open: () => ({ feed: readRtp }) },
  { name: 'RTCP', corpus: [RTCP], open: () => ({ feed: readRtcp }) },
  { name: 'RED', corpus: [RED], open: redStream },
  { name: 'telephone-events', corpus: EVENTS, open: eventStream },
  {
    name: 'telling STUN, RTP and others apart',
    corpus: [STUN, RTP, RTCP],
    open: () => ({ feed: tellApart }),
  },
];

fuzz(TARGETS);
