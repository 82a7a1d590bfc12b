// Whatever a party says in RTCP: the numbers of the report stay within bounds, and what cannot be is counted.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import type { VoipMetrics } from '../../../../media/quality/index.ts';
import { encodeRtcp, type ReportBlock } from '../../../../media/rtcp/index.ts';
import { encodeRtp } from '../../../../media/rtp/index.ts';
import {
  buildQualityReport,
  InboundStream,
  OutboundStream,
  RtcpSession,
} from '../../../../media/stream/index.ts';
import { middleNtp } from '../../../../media/stream/ntp.ts';

const OURS = 0x5555;
const THEIRS = 0x7777;
const OFFSET_MS = 1.7e12;
const PACKETS = 250;
const NOW = 20 * PACKETS;

function createCall() {
  const inbound = new InboundStream({ concealment: true });
  const outbound = new OutboundStream(OURS);
  inbound.encoding = 'pcmu';
  outbound.encoding = 'pcmu';
  let taken = 0;
  const hearMore = (packets: number) => {
    for (let i = 0; i < packets; i += 1, taken += 1) {
      inbound.receive(20 * taken, THEIRS, taken & 0xffff, 160 * taken, 8000);
      const fields = { payloadType: 0, marker: false, sequenceNumber: (65_500 + taken) & 0xffff };
      outbound.adopt(
        20 * taken,
        encodeRtp({ ...fields, timestamp: 160 * taken, ssrc: 1 }, new Uint8Array(160)),
        8000,
      );
    }
  };
  hearMore(PACKETS);
  const rtcp = new RtcpSession({
    random: new SeededRandom(1),
    cname: 'cname',
    wallClockOffsetMs: OFFSET_MS,
    inbound,
    outbound,
  });
  rtcp.start(0);
  for (let now = 0; now < NOW; now += 100) rtcp.handleTimeout(now);
  const report = () =>
    buildQualityReport({
      inbound,
      outbound,
      codec: 'pcmu',
      concealment: true,
      discarded: null,
      playoutDelayMs: null,
    });
  return { rtcp, report, hearMore };
}

const honest: ReportBlock = {
  ssrc: OURS,
  fractionLost: 0,
  cumulativeLost: 5,
  extendedHighestSequenceNumber: 0x1_0000 + 200,
  interarrivalJitter: 80,
  lastSr: middleNtp(OFFSET_MS + NOW - 80),
  delaySinceLastSr: 0,
};
const METRICS: VoipMetrics = {
  lossRatio: 0.1,
  discardRatio: 0.05,
  burstDensity: 0.5,
  gapDensity: 0.02,
  burstMs: 200,
  gapMs: 3000,
  roundTripMs: 80,
  endSystemDelayMs: 60,
  signalLevelDbm: -20,
  noiseLevelDbm: -60,
  echoReturnLossDb: 50,
  rFactor: 80,
  mosLq: 4,
  mosCq: 3.9,
  concealment: 'enhanced',
  jitterBuffer: { isAdaptive: true, nominalMs: 40, maximumMs: 400, absoluteMaximumMs: 400 },
};

const reportOf = (block: ReportBlock, ssrc = THEIRS) => encodeRtcp([{ type: 'RR', ssrc, reports: [block] }]);
const extended = (metrics: VoipMetrics) =>
  encodeRtcp([
    { type: 'RR', ssrc: THEIRS, reports: [] },
    { type: 'XR', ssrc: THEIRS, blocks: [{ kind: 'voipMetrics', ssrc: OURS, metrics }] },
  ]);
const answer = (lastRr: number, delaySinceLastRr = 0) =>
  encodeRtcp([
    { type: 'RR', ssrc: THEIRS, reports: [] },
    {
      type: 'XR',
      ssrc: THEIRS,
      blocks: [{ kind: 'dlrr', entries: [{ ssrc: OURS, lastRr, delaySinceLastRr }] }],
    },
  ]);
const goodbye = (...sources: number[]) =>
  encodeRtcp([
    { type: 'RR', ssrc: THEIRS, reports: [] },
    { type: 'BYE', sources, reason: undefined },
  ]);
const senderReport = (ssrc: number) => {
  const fields = { ssrc, ntpSeconds: 1, ntpFraction: 2, timestamp: 3, packetCount: 4, octetCount: 5 };
  return encodeRtcp([{ type: 'SR', ...fields, reports: [] }]);
};
/** An R of 120, and a MOS of 6. */
const impossible = () => {
  const bytes = extended(METRICS);
  bytes[bytes.length - 12] = 120;
  bytes[bytes.length - 10] = 60;
  return bytes;
};

/** RFC 3611 §4.1: which of the packets between two numbers were lost. We send none, so it is written here. */
const lossReport = (beginSequence: number, endSequence: number, ...chunks: [number, number]) => {
  const words = [0x80cf_0005, THEIRS, 0x0100_0003, OURS, (beginSequence << 16) | endSequence];
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of words.entries()) view.setUint32(4 * index, word >>> 0);
  for (const [index, chunk] of chunks.entries()) view.setUint16(20 + 2 * index, chunk);
  return Uint8Array.from([...encodeRtcp([{ type: 'RR', ssrc: THEIRS, reports: [] }]), ...bytes]);
};

/** Bounds by the name of the number; what is not here must be finite. */
const BOUNDS: Readonly<Record<string, readonly [number, number]>> = {
  lossRatio: [0, 1],
  discardRatio: [0, 1],
  burstDensity: [0, 1],
  gapDensity: [0, 1],
  rFactor: [0, 100],
  mosLq: [1, 5],
  mosCq: [1, 5],
  jitterMs: [0, 60_000],
  maxJitterMs: [0, 60_000],
  roundTripMs: [0, 65_535],
  minRoundTripMs: [0, 60_000],
  maxRoundTripMs: [0, 60_000],
  lost: [-2 * PACKETS, PACKETS],
  discarded: [0, PACKETS],
};

function expectBounded(value: unknown, name = 'report'): void {
  if (Array.isArray(value)) {
    for (const entry of value) expectBounded(entry, name);
  } else if (typeof value === 'number') {
    const [least, most] = BOUNDS[name] ?? [-Number.MAX_VALUE, Number.MAX_VALUE];
    expect(value >= least && value <= most, `${name} is ${value}`).toBe(true);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) expectBounded(child, key);
  }
}

describe('reports that cannot be true', () => {
  it.each([
    { name: 'an honest report', bytes: reportOf(honest), lies: 0 },
    {
      name: 'one on a phone’s first look, before it heard us',
      bytes: reportOf({ ...honest, ssrc: 0 }),
      lies: 0,
    },
    { name: 'honest metrics', bytes: extended(METRICS), lies: 0 },
    { name: 'an honest answer', bytes: answer(middleNtp(OFFSET_MS + NOW - 60)), lies: 0 },
    { name: 'a sender report of the party', bytes: senderReport(THEIRS), lies: 0 },
    { name: 'more lost than there was', bytes: reportOf({ ...honest, cumulativeLost: 0x7f_ffff }), lies: 1 },
    { name: 'less than nothing lost', bytes: reportOf({ ...honest, cumulativeLost: -0x80_0000 }), lies: 1 },
    {
      name: 'a packet that we did not send yet',
      bytes: reportOf({ ...honest, extendedHighestSequenceNumber: 0x1_0000 + 9000 }),
      lies: 1,
    },
    {
      name: 'a packet from before the first',
      bytes: reportOf({ ...honest, extendedHighestSequenceNumber: 65_000 }),
      lies: 1,
    },
    { name: 'a jitter of days', bytes: reportOf({ ...honest, interarrivalJitter: 0xffff_ffff }), lies: 1 },
    {
      name: 'LSR from the future',
      bytes: reportOf({ ...honest, lastSr: middleNtp(OFFSET_MS + NOW + 5000) }),
      lies: 1,
    },
    {
      name: 'DLSR longer than the call',
      bytes: reportOf({ ...honest, delaySinceLastSr: 0x7fff_ffff }),
      lies: 1,
    },
    { name: 'an honest loss report', bytes: lossReport(65_510, 4, 0x4010, 0x0010), lies: 0 },
    { name: 'one on packets that we did not send', bytes: lossReport(200, 300, 0x0064, 0), lies: 1 },
    { name: 'a stream that is not ours', bytes: reportOf({ ...honest, ssrc: 77 }), lies: 1 },
    { name: 'an R of 120', bytes: impossible(), lies: 1 },
    { name: 'an answer from the future', bytes: answer(middleNtp(OFFSET_MS + NOW + 9000)), lies: 1 },
    { name: 'a sender report of somebody else', bytes: senderReport(4), lies: 1 },
    { name: 'somebody else’s goodbye', bytes: goodbye(4), lies: 1 },
    { name: 'a goodbye of nobody', bytes: goodbye(), lies: 0 },
    { name: 'the party’s goodbye', bytes: goodbye(THEIRS), lies: 0 },
  ])('$name: $lies', ({ bytes, lies }) => {
    const { rtcp, report } = createCall();
    rtcp.handleRtcp(NOW, bytes);
    expect([rtcp.reports, rtcp.lies]).toEqual([1, lies]);
    expectBounded(report());
  });

  it('rates what it sent by the runs of losses that are reported', () => {
    const { rtcp, report } = createCall();
    rtcp.handleRtcp(NOW, reportOf({ ...honest, cumulativeLost: 10, lastSr: 0 }));
    const single = report().outbound;
    rtcp.handleRtcp(NOW, lossReport(65_510, 60, 0x4020, 0x000a));
    const { burstGap, mosLq } = report().outbound ?? {};
    expect(burstGap).toEqual({ burstDensity: 1, gapDensity: 0, burstMs: 200, gapMs: 20 * 38 });
    expect(mosLq).toBeLessThan(single?.mosLq ?? 0);
  });

  it('knows a forged goodbye by the packets that come after it', () => {
    const { rtcp, hearMore } = createCall();
    rtcp.handleRtcp(NOW, goodbye(THEIRS));
    hearMore(40);
    expect(rtcp.lies).toBe(0);
    hearMore(40);
    expect(rtcp.lies).toBe(1);
  });

  it('gives null for an R of 120 and a MOS of 6', () => {
    const { rtcp, report } = createCall();
    rtcp.handleRtcp(NOW, impossible());
    expect(report().reportedByParty).toMatchObject({ rFactor: null, mosLq: null, mosCq: 3.9 });
  });

  it('takes no history from a flood of reports but a value a second', () => {
    const { rtcp, report } = createCall();
    for (let i = 0; i < 500; i += 1) rtcp.handleRtcp(NOW + i / 10, reportOf(honest));
    expect(rtcp.reports).toBe(500);
    expect(report().outboundHistory.rFactor.length).toBe(5);
  });

  it('stays within bounds for any reports, in any order', () => {
    const word = fc.integer({ min: 0, max: 0xffff_ffff });
    const block = fc.record({
      ssrc: fc.constantFrom(OURS, THEIRS, 0),
      fractionLost: fc.nat(255),
      cumulativeLost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
      extendedHighestSequenceNumber: fc.oneof(word, fc.constant(0x1_0000 + 100)),
      interarrivalJitter: word,
      lastSr: fc.oneof(word, fc.constant(middleNtp(OFFSET_MS + NOW))),
      delaySinceLastSr: word,
    });
    const voip = fc.uint8Array({ minLength: 36, maxLength: 36 }).map((noise) => {
      const bytes = extended(METRICS);
      bytes.set(noise.subarray(8), bytes.length - 28);
      return bytes;
    });
    const datagram = fc.oneof(
      block.map((one) => reportOf(one)),
      voip,
      fc.tuple(word, word).map(([lastRr, delay]) => answer(lastRr, delay)),
      word.map((ssrc) => goodbye(ssrc, THEIRS)),
      word.map(senderReport),
      fc
        .tuple(fc.nat(0xffff), fc.nat(0xffff), fc.nat(0xffff), fc.nat(0xffff))
        .map((all) => lossReport(...all)),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(datagram, fc.nat(3000)), { minLength: 1, maxLength: 12 }),
        (datagrams) => {
          const { rtcp, report } = createCall();
          let now = NOW;
          for (const [bytes, later] of datagrams) {
            now += later;
            rtcp.handleRtcp(now, bytes);
            expectBounded(report());
          }
          expect(rtcp.lies).toBeLessThanOrEqual(rtcp.reports + 1);
          expect(rtcp.handleTimeout(now + 20_000)).toBeDefined();
        },
      ),
      { numRuns: 60 },
    );
  });
});
