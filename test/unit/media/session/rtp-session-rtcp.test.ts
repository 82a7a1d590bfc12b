import { describe, expect, it } from 'vitest';
import { decodeRtcp, encodeRtcp } from '../../../../media/rtcp/index.ts';
import { demultiplexMedia, rtpSequenceNumber } from '../../../../media/rtp/index.ts';
import type { OutgoingDatagram, RtpSession } from '../../../../media/session/index.ts';
import {
  agreed,
  at,
  createSession,
  FROM_PARTY,
  FROM_STRANGER,
  packet,
  rtpOf,
  STEP,
  THEIRS,
} from './sessions.ts';

describe('RtpSession RTCP', () => {
  const bye = (ssrc: number) =>
    encodeRtcp([
      { type: 'RR', ssrc, reports: [] },
      { type: 'BYE', sources: [ssrc], reason: undefined },
    ]);
  const FROM_RTCP = { socket: 'rtcp', address: '192.0.2.1', port: 4001 } as const;

  /** Sends a second of sound and lets a report come due. */
  function talk(session: RtpSession): readonly OutgoingDatagram[] {
    for (let i = 0; i < 50; i += 1) {
      session.handleDatagram(20 * i, packet(i), FROM_PARTY);
      session.sendFrame(20 * i, new Uint8Array(160), STEP);
    }
    session.takeEvents();
    for (
      let now = session.nextTimeoutAt();
      now !== undefined && now < 20_000;
      now = session.nextTimeoutAt()
    ) {
      session.handleTimeout(now);
    }
    return session.takeDatagrams().filter(({ bytes }) => demultiplexMedia(bytes) === 'rtcp');
  }

  it.each([
    { name: 'a socket of its own', rtcpMux: false, socket: 'rtcp', port: 4001 },
    {
      name: 'the socket of RTP where that was negotiated (RFC 5761)',
      rtcpMux: true,
      socket: 'rtp',
      port: 4000,
    },
  ])('goes over $name', ({ rtcpMux, socket, port }) => {
    const reports = talk(agreed({ rtcpMux }));
    expect(reports.length).toBeGreaterThan(1);
    expect(reports.every((report) => report.socket === socket && report.port === port)).toBe(true);
    expect(decodeRtcp(reports[0]?.bytes ?? new Uint8Array())).toMatchObject([
      { type: 'SR', packetCount: 50, octetCount: 8000, reports: [{ ssrc: THEIRS, cumulativeLost: 0 }] },
      { type: 'SDES', chunks: [{ cname: 'cname 1' }] },
      { type: 'XR', blocks: [{ kind: 'receiverReferenceTime' }, { kind: 'voipMetrics', ssrc: THEIRS }] },
    ]);
  });

  it('tells of the goodbye of the party, also where it shares the port', () => {
    for (const source of [FROM_RTCP, FROM_PARTY]) {
      const session = agreed();
      session.handleDatagram(0, packet(1), FROM_PARTY);
      session.takeEvents();
      session.handleDatagram(20, bye(THEIRS), source);
      expect(session.takeEvents()).toEqual([{ type: 'bye', ssrc: THEIRS }]);
    }
  });

  it.each([
    { name: 'a stranger', source: { ...FROM_STRANGER, socket: 'rtcp' as const }, ssrc: THEIRS },
    { name: 'a source that we do not hear', source: FROM_RTCP, ssrc: 1 },
  ])('does not believe the goodbye of $name (RFC 3550 §6.6)', ({ source, ssrc }) => {
    const session = agreed();
    session.handleDatagram(0, packet(1), FROM_PARTY);
    session.takeEvents();
    session.handleDatagram(20, bye(ssrc), source);
    expect(session.takeEvents()).toEqual([]);
  });

  it('says goodbye to whom it spoke, and to nobody else', () => {
    const silent = agreed();
    silent.close(10);
    expect(silent.takeDatagrams()).toEqual([]);
    const session = agreed();
    session.sendFrame(0, new Uint8Array(160), STEP);
    session.close(20);
    const last = session.takeDatagrams().at(-1);
    expect(decodeRtcp(last?.bytes ?? new Uint8Array())).toMatchObject([
      { type: 'SR' },
      { type: 'SDES' },
      { type: 'BYE' },
    ]);
    session.sendFrame(40, new Uint8Array(160), STEP);
    expect(rtpOf(session.takeDatagrams())).toEqual([]);
  });

  it('gives round trip and loss of both ends, each seen by the other', () => {
    const [alice, bob] = [createSession(1), createSession(2)];
    alice.setRemote(0, at('192.0.2.2'));
    bob.setRemote(0, at('192.0.2.1'));
    const DELAY_MS = 30;
    const underWay: { at: number; to: RtpSession; from: string; datagram: OutgoingDatagram }[] = [];
    let lost = 0;
    const flush = (now: number, session: RtpSession, to: RtpSession, from: string) => {
      for (const datagram of session.takeDatagrams()) {
        const isLost =
          from === '192.0.2.1' && datagram.socket === 'rtp' && rtpSequenceNumber(datagram.bytes) % 10 === 0;
        if (isLost) lost += 1;
        else underWay.push({ at: now + DELAY_MS, to, from, datagram });
      }
    };
    for (let now = 0; now <= 30_000; now += 10) {
      for (let next = underWay[0]; next && next.at <= now; next = underWay[0]) {
        underWay.shift();
        const { to, from, datagram } = next;
        to.handleDatagram(now, datagram.bytes, {
          socket: datagram.socket,
          address: from,
          port: datagram.port,
        });
      }
      for (const session of [alice, bob]) {
        if (now % 20 === 0) session.sendFrame(now, new Uint8Array(160), STEP);
        if ((session.nextTimeoutAt() ?? now + 1) <= now) session.handleTimeout(now);
        session.takeEvents();
      }
      flush(now, alice, bob, '192.0.2.1');
      flush(now, bob, alice, '192.0.2.2');
    }
    const [ofAlice, ofBob] = [alice.report(30_000), bob.report(30_000)];
    for (const { roundTripMs } of [ofAlice, ofBob]) expect(roundTripMs).toBeCloseTo(2 * DELAY_MS, 0);
    expect(lost).toBeGreaterThan(100);
    expect(ofBob.inbound).toMatchObject({ lossRatio: expect.closeTo(0.1, 2) });
    expect(ofAlice.outbound).toMatchObject({ lossRatio: expect.closeTo(0.1, 2) });
    expect(ofAlice.inbound.lossRatio).toBe(0);
    expect(ofBob.outbound?.lossRatio).toBe(0);
  });
});
