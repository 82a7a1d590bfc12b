// Whatever a party says in RTCP, the report of a call stays a report.
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import { encodeRtcp, type ReportBlock } from '../../../../media/rtcp/index.ts';
import { encodeRtp } from '../../../../media/rtp/index.ts';
import {
  buildQualityReport,
  InboundStream,
  OutboundStream,
  RtcpSession,
} from '../../../../media/stream/index.ts';

const OURS = 0x5555;
const THEIRS = 0x7777;
const EXTREMES = [0, 1, 0x7f, 0xff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

function createSession(packets: number) {
  const inbound = new InboundStream({ concealment: true });
  const outbound = new OutboundStream(OURS);
  inbound.encoding = 'pcmu';
  for (let i = 0; i < packets; i += 1) {
    inbound.receive(20 * i, THEIRS, i, 160 * i, 8000);
    const fields = { payloadType: 0, marker: false, sequenceNumber: 65_500 + i, timestamp: 160 * i, ssrc: 1 };
    outbound.adopt(20 * i, encodeRtp(fields, new Uint8Array(160)), 8000);
  }
  const rtcp = new RtcpSession({
    random: new SeededRandom(1),
    cname: 'cname',
    wallClockOffsetMs: 1.7e12,
    inbound,
    outbound,
  });
  rtcp.start(0);
  const report = () =>
    buildQualityReport({
      inbound,
      outbound,
      codec: 'pcmu',
      concealment: true,
      discarded: null,
      playoutDelayMs: null,
    });
  const hear = (block: ReportBlock, now = 20 * packets) =>
    rtcp.handleRtcp(now, encodeRtcp([{ type: 'RR', ssrc: THEIRS, reports: [block] }]));
  return { report, hear };
}

const honest: ReportBlock = {
  ssrc: OURS,
  fractionLost: 0,
  cumulativeLost: 5,
  extendedHighestSequenceNumber: 0x1_0000 + 63,
  interarrivalJitter: 80,
  lastSr: 0,
  delaySinceLastSr: 0,
};

/** Every number of the report, by its place. */
function numbersOf(value: object): readonly (readonly [string, number])[] {
  return Object.entries(value).flatMap(([key, child]) => {
    if (typeof child === 'number') return [[key, child] as const];
    return typeof child === 'object' && child !== null ? numbersOf(child) : [];
  });
}

function expectSane(report: object): void {
  for (const [place, number] of numbersOf(report)) {
    expect(Number.isFinite(number), place).toBe(true);
    if (place === 'lossRatio') expect(number >= 0 && number <= 1, `lossRatio ${number}`).toBe(true);
    if (place.startsWith('mos') && place !== 'mosIntervalMs') expect(number >= 1 && number <= 4.5).toBe(true);
    if (place === 'rFactor') expect(number >= 0 && number <= 100).toBe(true);
  }
}

describe('buildQualityReport()', () => {
  it('has nothing but nulls and zeros before anything came', () => {
    const { report } = createSession(0);
    expect(report()).toMatchObject({
      inbound: {
        packets: 0,
        lost: 0,
        lossRatio: null,
        jitterMs: null,
        rFactor: null,
        mosLq: null,
        mosCq: null,
      },
      outbound: null,
      roundTripMs: null,
      mosHistory: [],
    });
  });

  it('shows what the party reported, and its loss as a share of what it should have (RFC 3550 §6.4.1)', () => {
    const { report, hear } = createSession(100);
    hear(honest);
    expect(report().outbound).toMatchObject({ packets: 100, lost: 5, lossRatio: 0.05, jitterMs: 10 });
    expect(report().outbound?.mosCq).toBeNull();
  });

  it('ignores reports about somebody else’s stream', () => {
    const { report, hear } = createSession(100);
    hear({ ...honest, ssrc: 1 });
    expect(report().outbound).toBeNull();
  });

  it.each([
    { name: 'more lost than there was', lie: { cumulativeLost: 0x7f_ffff } },
    { name: 'less lost than twice what there was', lie: { cumulativeLost: -0x80_0000 } },
    { name: 'a packet that was never sent', lie: { extendedHighestSequenceNumber: 0x7fff } },
  ])('makes no figure of what cannot be: $name', ({ lie }) => {
    const { report, hear } = createSession(100);
    hear({ ...honest, ...lie });
    expect(report()).toMatchObject({ outbound: null, outboundHistory: { rFactor: [] } });
    hear(honest);
    hear({ ...honest, ...lie });
    expect(report().outbound).toMatchObject({ lost: 5, lossRatio: 0.05 });
  });

  it('takes duplicates at the party for no loss', () => {
    const { report, hear } = createSession(100);
    hear({ ...honest, cumulativeLost: -7 });
    expect(report().outbound).toMatchObject({ lost: -7, lossRatio: 0 });
  });

  it.each([0, 1, 100])(
    'stays finite for every extreme that a liar can report, after %i packets',
    (packets) => {
      const { report, hear } = createSession(packets);
      for (const value of EXTREMES) {
        for (const field of [
          'extendedHighestSequenceNumber',
          'interarrivalJitter',
          'lastSr',
          'delaySinceLastSr',
        ]) {
          hear({ ...honest, [field]: value });
          expectSane(report());
        }
        hear({ ...honest, cumulativeLost: value | 0, fractionLost: value & 0xff });
        expectSane(report());
      }
    },
  );

  it('stays finite for random reports', () => {
    const random = new SeededRandom(7);
    const { report, hear } = createSession(100);
    for (let i = 0; i < 500; i += 1) {
      hear(
        {
          ssrc: OURS,
          fractionLost: random.uint32() & 0xff,
          cumulativeLost: random.uint32() >> 8,
          extendedHighestSequenceNumber: random.uint32(),
          interarrivalJitter: random.uint32(),
          lastSr: random.uint32(),
          delaySinceLastSr: random.uint32(),
        },
        2000 + i,
      );
      expectSane(report());
    }
  });
});
