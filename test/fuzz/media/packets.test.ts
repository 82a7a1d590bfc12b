// Everything that is read out of a media datagram.
import { expect } from 'vitest';
import { DecodeError, type Random } from '../../../core/index.ts';
import type { JitterFrame } from '../../../media/jitter/index.ts';
import { RedReceiver } from '../../../media/red/index.ts';
import { decodeRtcp, encodeRtcp, forEachRun, type XrBlock } from '../../../media/rtcp/index.ts';
import {
  clearRtpExtensions,
  clientLevel,
  demultiplexMedia,
  encodeRtp,
  extensionLength,
  extensionOffset,
  findRtpExtension,
  readMixerLevels,
  rtpPayloadEnd,
  rtpPayloadOffset,
} from '../../../media/rtp/index.ts';
import { DIGITS, type ReceivedDigit, TelephoneEventReceiver } from '../../../media/telephone-event/index.ts';
import { demultiplex } from '../../../nat/index.ts';
import { type Fed, type FuzzTarget, fuzz } from '../support/fuzz.ts';

const RTP = encodeRtp(
  { payloadType: 0, marker: false, sequenceNumber: 7, timestamp: 160, ssrc: 1 },
  new Uint8Array(160),
);

/** RFC 8285 §4.2 and §4.3: two elements each, with two CSRCs before them. */
const EXTENSIONS = [0xbede, 0x1000].map((profile) => {
  const data = profile === 0xbede ? [0x10, 0x94, 0x21, 20, 127, 0, 0, 0] : [1, 1, 0x94, 2, 2, 20, 127, 0];
  const csrcs = [0, 0, 0, 5, 0, 0, 0, 6];
  const packet = Uint8Array.of(
    ...RTP.subarray(0, 12),
    ...csrcs,
    profile >> 8,
    profile & 0xff,
    0,
    2,
    ...data,
    1,
    2,
  );
  packet[0] = 0x92;
  return packet;
});

const RTCP = encodeRtcp([
  { type: 'RR', ssrc: 1, reports: [] },
  { type: 'SDES', chunks: [{ ssrc: 1, cname: 'patchcord' }] },
  { type: 'BYE', sources: [1, 2], reason: 'over' },
]);

/** RFC 3611: a reference time, an answer, VoIP metrics, and packets lost and doubled. */
const EXTENDED = Uint8Array.of(
  ...[0x80, 201, 0, 1, 0, 0, 0, 9, 0x80, 207, 0, 35, 0, 0, 0, 9],
  ...[4, 0, 0, 2, 0xe0, 0, 0, 1, 0x80, 0, 0, 0],
  ...[5, 0, 0, 3, 0, 0, 0, 1, 0xff, 0, 0, 2, 0, 1, 0, 0],
  ...[7, 0, 0, 8, 0, 0, 0, 1, 64, 32, 128, 16, 1, 44, 39, 16, 0, 80, 0, 60],
  ...[0xec, 0xba, 55, 16, 85, 127, 42, 39, 0xf0, 0, 0, 40, 0, 80, 1, 144],
  ...[1, 0, 0, 3, 0, 0, 0, 1, 0, 1, 0, 40, 0x40, 5, 0xaa, 0xaa],
  ...[2, 3, 0, 3, 0, 0, 0, 1, 0, 1, 1, 0, 0, 5, 0x40, 9],
  ...[6, 0xf8, 0, 9, 0, 0, 0, 1, 0, 1, 0, 40],
  ...Array<number>(28).fill(1),
);

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

function readExtensions(input: Uint8Array, random: Random): void {
  const bytes = input.slice();
  if (rtpPayloadOffset(bytes) < 0) return;
  const found = findRtpExtension(bytes, random.uint32() % 256);
  if (found >= 0)
    expect(extensionOffset(found) + extensionLength(found)).toBeLessThanOrEqual(rtpPayloadOffset(bytes));
  const level = clientLevel(bytes, 1);
  expect(level >= -1 && level <= 255).toBe(true);
  const levels = new Int8Array(15);
  expect(readMixerLevels(bytes, 2, levels)).toBeLessThanOrEqual(15);
  expect(levels.every((one) => one >= -127 && one <= 0)).toBe(true);
  const payload = bytes.slice(rtpPayloadOffset(bytes));
  clearRtpExtensions(bytes);
  // A block of another profile is not ours to read, and stays.
  for (let id = 1; id < 16; id += 1) expect(findRtpExtension(bytes, id)).toBe(-1);
  expect(Buffer.compare(bytes.subarray(rtpPayloadOffset(bytes)), payload)).toBe(0);
}

function readRtcp(bytes: Uint8Array): void {
  const packets = decodeRtcp(bytes, 'any');
  if (packets instanceof DecodeError) return;
  const known = packets.filter((packet) => packet.type === 'SR' || packet.type === 'RR');
  expect(decodeRtcp(encodeRtcp(known), 'any')).toEqual(known.length > 0 ? known : expect.any(DecodeError));
}

function readExtended(bytes: Uint8Array): void {
  const packets = decodeRtcp(bytes, 'any');
  if (packets instanceof DecodeError) return;
  for (const packet of packets) if (packet.type === 'XR') packet.blocks.forEach(readBlock);
}

function readBlock(block: XrBlock): void {
  if (block.kind === 'lossRle' || block.kind === 'duplicateRle') {
    const span = (block.endSequence - block.beginSequence) & 0xffff;
    let next = 0;
    forEachRun(block, (_, from, count) => {
      expect(from).toBe(next);
      next += count;
    });
    expect(next).toBeLessThanOrEqual(span);
  }
  if (block.kind !== 'voipMetrics') return;
  const { rFactor, mosLq, mosCq, lossRatio } = block.metrics;
  for (const [value, most] of [
    [rFactor, 100],
    [mosLq, 5],
    [mosCq, 5],
    [lossRatio, 1],
  ] as const)
    expect(value === null || (value >= 0 && value <= most)).toBe(true);
}

/** One stream whose sequence numbers and timestamps leap. What is taken lies in the packet, and before it in the stream. */
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
      const taken: JitterFrame[] = [];
      const error = receiver.unpack(frame, (block) => taken.push(block));
      expect(taken.length > 0).toBe(error === undefined);
      for (const block of taken) {
        const distance = sequence - block.extendedSequenceNumber;
        expect(block.isRedundant === true ? distance >= 1 && distance <= 32 : distance === 0).toBe(true);
        expect(block.payloadType).toBeLessThan(128);
        expect(block.payload.buffer).toBe(payload.buffer);
      }
      expect(new Set(taken.map((block) => block.extendedSequenceNumber)).size).toBe(taken.length);
      const lengthBytes = taken.reduce((sum, block) => sum + block.payload.length, 0);
      expect(lengthBytes).toBeLessThanOrEqual(payload.length);
    },
  };
}

/** Short streams: a digit is told once a timestamp at most, for as long as a receiver remembers. */
function eventStreams(): Fed {
  const timestamps = new Set<number>();
  let receiver = new TelephoneEventReceiver();
  let [now, told] = [0, 0];
  const take = (digit: ReceivedDigit | undefined) => {
    if (!digit) return;
    told += 1;
    expect(DIGITS).toContain(digit.digit);
    expect(digit.durationMs).toBeGreaterThanOrEqual(0);
    expect(digit.durationMs).toBeLessThan(Number.POSITIVE_INFINITY);
  };
  const endStream = () => {
    for (let i = 0; i < 2; i += 1) take(receiver.expire(now + 100_000));
    expect(receiver.isOpen).toBe(false);
    expect(told).toBeLessThanOrEqual(timestamps.size);
    timestamps.clear();
    receiver = new TelephoneEventReceiver();
    told = 0;
  };
  return {
    feed: (payload, random) => {
      now += random.uint32() % 60;
      const timestamp = random.uint32() % 4 === 0 ? random.uint32() : (random.uint32() % 16) * 800;
      timestamps.add(timestamp);
      take(receiver.receive(now, payload, { timestamp, clockRateHz: 8000 }));
      if (random.uint32() % 4 === 0) take(receiver.expire(now));
      if (random.uint32() % 50 === 0 || timestamps.size > 60) endStream();
    },
  };
}

function tellApart(bytes: Uint8Array): void {
  expect(['rtp', 'rtcp', 'stun', 'other']).toContain(demultiplexMedia(bytes));
  expect(['stun', 'zrtp', 'dtls', 'turn-channel', 'rtp-rtcp', 'unknown']).toContain(demultiplex(bytes));
}

const TARGETS: readonly FuzzTarget[] = [
  { name: 'RTP', corpus: [RTP], open: () => ({ feed: readRtp }) },
  { name: 'RTP header extensions', corpus: EXTENSIONS, open: () => ({ feed: readExtensions }) },
  { name: 'RTCP', corpus: [RTCP], open: () => ({ feed: readRtcp }) },
  { name: 'RTCP XR', corpus: [EXTENDED], open: () => ({ feed: readExtended }) },
  { name: 'RED', corpus: [RED], open: redStream },
  { name: 'telephone-events', corpus: EVENTS, open: eventStreams },
  {
    name: 'telling STUN, RTP and others apart',
    corpus: [STUN, RTP, RTCP],
    open: () => ({ feed: tellApart }),
  },
];

fuzz(TARGETS);
