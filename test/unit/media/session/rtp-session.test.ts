import { describe, expect, it } from 'vitest';
import { encodeRtcp } from '../../../../media/rtcp/index.ts';
import {
  rtpMarker,
  rtpPayloadType,
  rtpSequenceNumber,
  rtpSsrc,
  rtpTimestamp,
} from '../../../../media/rtp/index.ts';
import type { RtpSessionEvent } from '../../../../media/session/index.ts';
import {
  agreed,
  at,
  createSession,
  EVENTS,
  FROM_PARTY,
  FROM_STRANGER,
  frames,
  OPUS,
  PCMU,
  packet,
  STEP,
  THEIRS,
} from './sessions.ts';

describe('RtpSession sends', () => {
  it('nothing before SDP said where to', () => {
    const session = createSession();
    session.sendFrame(0, new Uint8Array(160), STEP);
    expect(session.takeDatagrams()).toEqual([]);
    expect(session.sendDigits('1')).toBe(false);
  });

  it('consecutive numbers and timestamps, the first packet marked (RFC 3551 §4.1)', () => {
    const session = agreed();
    for (let i = 0; i < 3; i += 1) session.sendFrame(20 * i, new Uint8Array(160), STEP);
    const sent = session.takeDatagrams();
    expect(sent.map(({ socket, address, port }) => [socket, address, port])).toEqual(
      Array(3).fill(['rtp', '192.0.2.1', 4000]),
    );
    const [first] = sent;
    const [sequence, timestamp] = first
      ? [rtpSequenceNumber(first.bytes), rtpTimestamp(first.bytes)]
      : [0, 0];
    expect(sent.map(({ bytes }) => (rtpSequenceNumber(bytes) - sequence) & 0xffff)).toEqual([0, 1, 2]);
    expect(sent.map(({ bytes }) => (rtpTimestamp(bytes) - timestamp) >>> 0)).toEqual([0, 160, 320]);
    expect(sent.map(({ bytes }) => rtpMarker(bytes))).toEqual([true, false, false]);
  });

  it('from random beginnings, which differ between sessions (RFC 3550 §5.1)', () => {
    const beginnings = [1, 2].map((seed) => {
      const session = createSession(seed);
      session.setRemote(0, at('192.0.2.1'));
      session.sendFrame(0, new Uint8Array(160), STEP);
      return [...(session.takeDatagrams()[0]?.bytes.subarray(2, 12) ?? [])];
    });
    expect(beginnings[0]).not.toEqual(beginnings[1]);
  });

  it('a timestamp that counts on over silence, and no number for it', () => {
    const session = agreed();
    session.sendFrame(0, new Uint8Array(160), STEP);
    session.skipFrame(160);
    session.sendFrame(40, new Uint8Array(160), STEP);
    const [a, b] = session.takeDatagrams().map(({ bytes }) => bytes);
    expect(a && b && (rtpSequenceNumber(b) - rtpSequenceNumber(a)) & 0xffff).toBe(1);
    expect(a && b && (rtpTimestamp(b) - rtpTimestamp(a)) >>> 0).toBe(320);
    expect(b && rtpMarker(b)).toBe(true);
  });

  it('nothing for an empty payload (DTX), and a mark on what follows', () => {
    const session = agreed();
    for (const [beat, length] of [160, 0, 0, 160, 160].entries()) {
      session.sendFrame(20 * beat, new Uint8Array(length), STEP);
    }
    const sent = session.takeDatagrams().map(({ bytes }) => bytes);
    const [first] = sent.map(rtpTimestamp);
    expect(sent.map((bytes) => (rtpTimestamp(bytes) - (first ?? 0)) >>> 0)).toEqual([0, 480, 640]);
    expect(sent.map(rtpMarker)).toEqual([true, true, false]);
  });

  it('the payload type that the far end takes first, or the one it is told', () => {
    const session = agreed({ formats: [EVENTS, OPUS, PCMU] });
    session.sendFrame(0, new Uint8Array(60), { timestampStep: 960 });
    session.sendFrame(20, new Uint8Array(60), { timestampStep: 960, payloadType: 0 });
    expect(session.takeDatagrams().map(({ bytes }) => rtpPayloadType(bytes))).toEqual([111, 0]);
  });

  it('where the party was heard from, once it was', () => {
    const session = agreed();
    session.handleDatagram(0, packet(1), { ...FROM_PARTY, port: 61_000 });
    session.handleDatagram(200, packet(2), { ...FROM_PARTY, port: 61_000 });
    session.sendFrame(200, new Uint8Array(160), STEP);
    expect(session.takeDatagrams()[0]).toMatchObject({ address: '192.0.2.1', port: 61_000 });
    expect(session.takeEvents()).toContainEqual({
      type: 'sourceLearned',
      address: '192.0.2.1',
      port: 61_000,
    });
  });

  it('over the wraps of number and timestamp', () => {
    const session = agreed();
    const sent: Uint8Array[] = [];
    for (let i = 0; i < 70_000; i += 1) {
      session.sendFrame(20 * i, new Uint8Array(1), { timestampStep: 0x1_0000 });
      for (const { bytes } of session.takeDatagrams()) sent.push(bytes);
    }
    const isContinuous = sent.every((bytes, i) => {
      const before = sent[i - 1];
      if (!before) return true;
      const step = (rtpSequenceNumber(bytes) - rtpSequenceNumber(before)) & 0xffff;
      return step === 1 && (rtpTimestamp(bytes) - rtpTimestamp(before)) >>> 0 === 0x1_0000;
    });
    expect(isContinuous).toBe(true);
  });
});

describe('RtpSession receives', () => {
  it('frames, with everything that a playout buffer needs', () => {
    const session = agreed();
    session.handleDatagram(5, packet(65_535), FROM_PARTY);
    session.handleDatagram(25, packet(0), FROM_PARTY);
    const [first, second] = frames(session.takeEvents());
    expect(first).toMatchObject({
      payloadType: 0,
      ssrc: THEIRS,
      extendedSequenceNumber: 65_535,
      arrivedAt: 5,
    });
    expect(first?.payload).toEqual(Uint8Array.of(0xff));
    expect(second).toMatchObject({ extendedSequenceNumber: 65_536, timestamp: 0, arrivedAt: 25 });
  });

  it('the far end’s payload types where it sends other ones than it takes', () => {
    const session = createSession();
    session.setRemote(0, at('192.0.2.1', { formats: [{ ...OPUS, payloadType: 96 }] }), [OPUS]);
    session.handleDatagram(0, packet(1, 111), FROM_PARTY);
    session.handleDatagram(0, packet(2, 96), FROM_PARTY);
    expect(frames(session.takeEvents()).map(({ payloadType }) => payloadType)).toEqual([111, 96]);
  });

  it.each([
    { name: 'too short', bytes: new Uint8Array(1), reason: 'not-media' },
    { name: 'DTLS', bytes: Uint8Array.of(22, 254, 253, 0, 0), reason: 'not-media' },
    { name: 'STUN', bytes: new Uint8Array(20), reason: 'stun' },
    { name: 'a cut header', bytes: packet(1).subarray(0, 11), reason: 'malformed' },
    { name: 'a payload type nobody negotiated', bytes: packet(1, 9), reason: 'wrong-payload-type' },
  ])('nothing of $name, and counts it as $reason', ({ bytes, reason }) => {
    const session = agreed();
    session.handleDatagram(0, bytes, FROM_PARTY);
    expect(session.takeEvents()).toEqual([]);
    expect(session.counters).toMatchObject({ received: 1, consumed: 0, discarded: { [reason]: 1 } });
  });

  it('nothing of a stranger, neither before nor after the party was heard', () => {
    const session = agreed();
    session.handleDatagram(0, packet(900), FROM_STRANGER);
    session.handleDatagram(10, packet(1), FROM_PARTY);
    session.handleDatagram(500, packet(901), FROM_STRANGER);
    session.handleDatagram(520, packet(2), FROM_PARTY);
    expect(frames(session.takeEvents()).map(({ extendedSequenceNumber }) => extendedSequenceNumber)).toEqual([
      1, 2,
    ]);
    const { received, consumed, discarded } = session.counters;
    expect({ received, consumed, discarded }).toEqual({
      received: 4,
      consumed: 2,
      discarded: { 'unproven-source': 1, 'wrong-source': 1 },
    });
    session.sendFrame(520, new Uint8Array(160), STEP);
    expect(session.takeDatagrams()[0]?.address).toBe('192.0.2.1');
  });

  it('no sound on the RTCP port', () => {
    const session = agreed();
    session.handleDatagram(0, packet(1), { ...FROM_PARTY, socket: 'rtcp' });
    expect([session.takeEvents(), session.counters.received]).toEqual([[], 0]);
  });

  it('no frame of a jump that nothing confirms (RFC 3550 A.1)', () => {
    const session = agreed();
    for (const sequence of [1, 30_000, 2]) session.handleDatagram(0, packet(sequence), FROM_PARTY);
    expect(frames(session.takeEvents()).map(({ extendedSequenceNumber }) => extendedSequenceNumber)).toEqual([
      1, 2,
    ]);
  });
});

/** What one session sends through a wire that may lose, doubles nothing, and hands over at once. */
function carryDigits(digits: string, isLost: (index: number) => boolean, copies = 1) {
  const [sender, receiver] = [agreed(), createSession(2)];
  receiver.setRemote(0, at('192.0.2.5'));
  expect(sender.sendDigits(digits)).toBe(true);
  const heard: RtpSessionEvent[] = [];
  for (let i = 0; i < 16 * digits.length; i += 1) {
    sender.sendFrame(20 * i, new Uint8Array(160), STEP);
    for (const { bytes } of sender.takeDatagrams()) {
      if (isLost(i)) continue;
      for (let copy = 0; copy < copies; copy += 1) {
        receiver.handleDatagram(20 * i, bytes, { socket: 'rtp', address: '192.0.2.5', port: 4000 });
        heard.push(...receiver.takeEvents());
      }
    }
  }
  return heard;
}

const digitsOf = (events: readonly RtpSessionEvent[]) =>
  events.map((event) => (event.type === 'digit' ? event.digit : '')).join('');

describe('RtpSession digits (RFC 4733)', () => {
  const ALL = '0123456789*#ABCD';

  it.each([
    { name: 'each once', isLost: () => false },
    { name: 'each once where every packet comes twice', isLost: () => false, copies: 2 },
    { name: 'each once where every third packet is lost', isLost: (i: number) => i % 3 === 2 },
  ])('arrive $name', ({ isLost, copies }) => {
    expect(digitsOf(carryDigits(ALL, isLost, copies))).toBe(ALL);
  });

  it('take the place of sound, with sound between them', () => {
    const events = carryDigits('11', () => false);
    expect(digitsOf(events)).toBe('11');
    // Two digits of 7 packets in 32 beats: the rest is sound.
    expect(frames(events)).toHaveLength(32 - 14);
  });

  it('are no jitter, for all packets of one have one timestamp (RFC 4733 §2.3)', () => {
    const [sender, receiver] = [agreed(), createSession(2)];
    receiver.setRemote(0, at('192.0.2.5'));
    sender.sendDigits('123');
    for (let i = 0; i < 60; i += 1) sender.sendFrame(20 * i, new Uint8Array(160), STEP);
    for (const [i, { bytes }] of sender.takeDatagrams().entries())
      receiver.handleDatagram(20 * i, bytes, { socket: 'rtp', address: '192.0.2.5', port: 4000 });
    expect(receiver.report(1200).inbound).toMatchObject({
      packets: 60,
      lost: 0,
      jitterMs: 0,
      maxJitterMs: 0,
    });
  });

  it('leave the clock of what the far end reports as it is: that of the sound', () => {
    const session = agreed({ formats: [OPUS, EVENTS] });
    session.sendFrame(0, new Uint8Array(40), { timestampStep: 960 });
    session.sendDigits('1');
    session.sendFrame(20, new Uint8Array(40), { timestampStep: 960 });
    const [first] = session.takeDatagrams();
    const block = {
      ssrc: rtpSsrc(first?.bytes ?? new Uint8Array()),
      fractionLost: 0,
      cumulativeLost: 0,
      extendedHighestSequenceNumber: rtpSequenceNumber(first?.bytes ?? new Uint8Array()),
      interarrivalJitter: 480,
      lastSr: 0,
      delaySinceLastSr: 0,
    };
    const report = encodeRtcp([{ type: 'RR', ssrc: THEIRS, reports: [block] }]);
    session.handleDatagram(30, report, { socket: 'rtcp', address: '192.0.2.1', port: 4001 });
    expect(session.report(30).outbound?.jitterMs).toBe(10);
  });

  it('are sent while there is no sound to send', () => {
    const session = agreed();
    session.sendDigits('1');
    for (let i = 0; i < 10; i += 1) session.sendFrame(20 * i, new Uint8Array(0), STEP);
    expect(session.takeDatagrams().map(({ bytes }) => rtpPayloadType(bytes))).toEqual(Array(7).fill(101));
  });

  it('last 100 ms', () => {
    const digit = carryDigits('5', () => false).find((event) => event.type === 'digit');
    expect(digit).toEqual({ type: 'digit', digit: '5', durationMs: 100 });
  });

  it.each([
    { name: 'the far end takes none', formats: [PCMU], digits: '1' },
    { name: 'one is no digit', formats: [PCMU, EVENTS], digits: 'x' },
    { name: 'they are too many to wait', formats: [PCMU, EVENTS], digits: '1'.repeat(65) },
  ])('are refused where $name', ({ formats, digits }) => {
    expect(agreed({ formats }).sendDigits(digits)).toBe(false);
  });

  it('keep the timestamp of their beginning, and sound goes on as if they had been sound', () => {
    const session = agreed();
    session.sendDigits('1');
    for (let i = 0; i < 8; i += 1) session.sendFrame(20 * i, new Uint8Array(160), STEP);
    const sent = session.takeDatagrams().map(({ bytes }) => bytes);
    const [first] = sent.map(rtpTimestamp);
    expect(sent.map((bytes) => (rtpTimestamp(bytes) - (first ?? 0)) >>> 0)).toEqual([
      0, 0, 0, 0, 0, 0, 0, 1120,
    ]);
    expect(sent.map(rtpPayloadType)).toEqual([101, 101, 101, 101, 101, 101, 101, 0]);
  });
});
