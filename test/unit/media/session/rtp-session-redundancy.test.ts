import { describe, expect, it } from 'vitest';
import type { PayloadFormat } from '../../../../media/engine/types.ts';
import { encodeRtcp } from '../../../../media/rtcp/index.ts';
import { encodeRtp, rtpPayloadType, rtpSequenceNumber, rtpSsrc } from '../../../../media/rtp/index.ts';
import type { RtpSession } from '../../../../media/session/index.ts';
import { agreed, at, createSession, EVENTS, FROM_PARTY, frames, OPUS, THEIRS } from './sessions.ts';

const RED: PayloadFormat = {
  payloadType: 63,
  encoding: 'red',
  clockRateHz: 48_000,
  channels: 2,
  formatParameters: '111/111',
};
const FORMATS = [OPUS, RED, EVENTS];
const STEP = { timestampStep: 960 };

/** The far end says what it lost of the packets so far. */
function reportLoss(session: RtpSession, now: number, lossRatio: number, packet: Uint8Array): void {
  const block = {
    ssrc: rtpSsrc(packet),
    fractionLost: Math.round(256 * lossRatio),
    cumulativeLost: 0,
    extendedHighestSequenceNumber: rtpSequenceNumber(packet),
    interarrivalJitter: 0,
    lastSr: 0,
    delaySinceLastSr: 0,
  };
  const bytes = encodeRtcp([{ type: 'RR', ssrc: THEIRS, reports: [block] }]);
  session.handleDatagram(now, bytes, { socket: 'rtcp', address: '192.0.2.1', port: 4001 });
}

/** Sends frames whose payload is their number. */
function send(session: RtpSession, from: number, to: number): Uint8Array[] {
  for (let n = from; n < to; n += 1) session.sendFrame(20 * n, Uint8Array.of(n), STEP);
  return session.takeDatagrams().map(({ bytes }) => bytes);
}

const payloadTypes = (packets: readonly Uint8Array[]) => packets.map(rtpPayloadType);

describe('RtpSession: RED that is sent (RFC 2198)', () => {
  /** A second of sound, then a report of so much loss. */
  function lossy(session: RtpSession, lossRatio = 0.1): RtpSession {
    const sent = send(session, 0, 60);
    reportLoss(session, 1200, lossRatio, sent.at(-1) ?? new Uint8Array());
    return session;
  }

  it('begins with the report that tells of loss, and tells the encoder', () => {
    const session = agreed({ formats: FORMATS });
    expect(new Set(payloadTypes(send(session, 0, 60)))).toEqual(new Set([111]));
    lossy(session);
    expect(session.takeEvents()).toEqual([
      { type: 'advice', advice: { bitrateRatio: 2 / 3, expectedLossRatio: 0.1, redLevel: 1 } },
    ]);
    expect(payloadTypes(send(session, 60, 63))).toEqual([111, 63, 63]);
  });

  it('says nothing where nothing changes', () => {
    const session = lossy(agreed({ formats: FORMATS }), 0);
    expect(session.takeEvents()).toEqual([]);
    expect(new Set(payloadTypes(send(session, 60, 70)))).toEqual(new Set([111]));
  });

  it.each([
    { name: 'the far end takes none', formats: [OPUS, EVENTS] },
    { name: 'RED is for another format', formats: [OPUS, { ...RED, formatParameters: '0/0' }] },
    { name: 'RED says not what it carries', formats: [OPUS, { ...RED, formatParameters: 'x' }] },
  ])('is not sent where $name', ({ formats }) => {
    expect(new Set(payloadTypes(send(lossy(agreed({ formats })), 60, 70)))).toEqual(new Set([111]));
  });

  it('has no copies over a digit, and no digit in it', () => {
    const session = lossy(agreed({ formats: FORMATS }));
    send(session, 60, 62);
    session.sendDigits('1');
    expect(payloadTypes(send(session, 62, 72))).toEqual([...Array(7).fill(101), 111, 63, 63]);
  });
});

describe('RtpSession: RED that is received (RFC 2198)', () => {
  const FROM_SENDER = { socket: 'rtp', address: '192.0.2.5', port: 4000 } as const;

  function pair(): { sender: RtpSession; receiver: RtpSession } {
    const sender = agreed({ formats: FORMATS });
    const sent = send(sender, 0, 60);
    reportLoss(sender, 1200, 0.1, sent.at(-1) ?? new Uint8Array());
    sender.takeEvents();
    const receiver = createSession(2);
    receiver.setRemote(0, at('192.0.2.5', { formats: FORMATS }));
    return { sender, receiver };
  }

  it('gives the copies of lost packets as frames in their place, and each frame once', () => {
    const { sender, receiver } = pair();
    const packets = send(sender, 0, 10);
    for (const [n, bytes] of packets.entries()) {
      if (n !== 4 && n !== 7) receiver.handleDatagram(20 * n, bytes, FROM_SENDER);
    }
    const heard = frames(receiver.takeEvents());
    expect(heard.map(({ payload }) => payload[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(heard.filter(({ isRedundant }) => isRedundant).map(({ payload }) => payload[0])).toEqual([4, 7]);
    expect(heard.every(({ payloadType, clockRateHz }) => payloadType === 111 && clockRateHz === 48_000)).toBe(
      true,
    );
    const [first] = heard;
    for (const [n, { timestamp, extendedSequenceNumber }] of heard.entries()) {
      expect((timestamp - (first?.timestamp ?? 0)) >>> 0).toBe(960 * n);
      expect(extendedSequenceNumber - (first?.extendedSequenceNumber ?? 0)).toBe(n);
    }
  });

  it('counts copies as neither received nor found again: loss is that of the network', () => {
    const { sender, receiver } = pair();
    for (const [n, bytes] of send(sender, 0, 10).entries()) {
      if (n !== 4 && n !== 7) receiver.handleDatagram(20 * n, bytes, FROM_SENDER);
    }
    expect(receiver.report(200).inbound).toMatchObject({ packets: 8, lost: 2 });
    expect(receiver.counters).toMatchObject({ received: 8, consumed: 8, discarded: {} });
  });

  const red = (sequenceNumber: number, payload: readonly number[]) =>
    encodeRtp(
      { payloadType: 63, marker: false, sequenceNumber, timestamp: 960 * sequenceNumber, ssrc: THEIRS },
      Uint8Array.from(payload),
    );

  it.each([
    { name: 'nothing', payload: [], reason: 'malformed' },
    { name: 'a copy that overruns', payload: [0x80 | 111, 15, 0, 200, 111, 1, 2], reason: 'malformed' },
    { name: 'a payload type nobody negotiated', payload: [99, 1], reason: 'wrong-payload-type' },
    { name: 'RED in RED', payload: [63, 111, 1], reason: 'wrong-payload-type' },
  ])('takes no sound of $name, and counts it as $reason', ({ payload, reason }) => {
    const session = agreed({ formats: FORMATS });
    session.handleDatagram(0, red(1, payload), FROM_PARTY);
    expect(frames(session.takeEvents())).toEqual([]);
    expect(session.counters).toMatchObject({ received: 1, consumed: 0, discarded: { [reason]: 1 } });
    session.handleDatagram(20, red(2, [111, 7]), FROM_PARTY);
    expect(frames(session.takeEvents()).map((frame) => frame.payload[0])).toEqual([7]);
  });

  it('takes the copy of a lost packet from one whose own sound is of a type nobody negotiated', () => {
    const session = agreed({ formats: FORMATS });
    for (const n of [1, 2]) session.handleDatagram(20 * n, red(n, [111, n]), FROM_PARTY);
    const copy = [0x80 | 111, 960 >> 6, (960 & 63) << 2, 1];
    session.handleDatagram(80, red(4, [...copy, 99, 3, 4]), FROM_PARTY);
    expect(frames(session.takeEvents()).map(({ payload }) => payload[0])).toEqual([1, 2, 3]);
    expect(session.counters).toMatchObject({ consumed: 2, discarded: { 'wrong-payload-type': 1 } });
  });

  it('tells of a digit within RED once, however often its end is sent', () => {
    const session = agreed({ formats: FORMATS });
    const end = Uint8Array.of(101, 5, 0x8a, 3, 32);
    for (const sequenceNumber of [1, 2, 3]) {
      const header = { payloadType: 63, marker: false, sequenceNumber, timestamp: 960, ssrc: THEIRS };
      session.handleDatagram(20 * sequenceNumber, encodeRtp(header, end), FROM_PARTY);
    }
    expect(session.takeEvents().filter(({ type }) => type === 'digit')).toEqual([
      { type: 'digit', digit: '5', durationMs: 100 },
    ]);
  });
});
