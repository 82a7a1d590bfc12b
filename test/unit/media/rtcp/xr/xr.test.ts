import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../../core/index.ts';
import type { VoipMetrics } from '../../../../../media/quality/index.ts';
import {
  decodeRtcp,
  type EncodableRtcp,
  encodeRtcp,
  forEachRun,
  type RunLengthBlock,
  reportedPackets,
  type XrBlock,
} from '../../../../../media/rtcp/index.ts';

/** One extended report of these blocks, each a list of bytes; made here, so that the writer cannot agree with itself. */
function packetOf(...blocks: readonly (readonly number[])[]): Uint8Array {
  const content = [0, 0, 0, 9, ...blocks.flat()];
  return Uint8Array.of(0x80, 207, 0, content.length / 4, ...content);
}

function blocksOf(...blocks: readonly (readonly number[])[]): readonly XrBlock[] | undefined {
  const packets = decodeRtcp(packetOf(...blocks), 'any');
  const [packet] = packets instanceof DecodeError ? [] : packets;
  return packet?.type === 'XR' ? packet.blocks : undefined;
}

// RFC 3611 §4.7, byte by byte.
const VOIP = [
  ...[7, 0, 0, 8, 0xde, 0xad, 0xbe, 0xef],
  ...[64, 32, 128, 16, 0x01, 0x2c, 0x27, 0x10],
  ...[0, 80, 0, 60, 0xec, 0xba, 55, 16],
  ...[85, 127, 42, 39, 0xf0, 0, 0, 40],
  ...[0, 80, 1, 144],
];
const METRICS: VoipMetrics = {
  lossRatio: 0.25,
  discardRatio: 0.125,
  burstDensity: 0.5,
  gapDensity: 0.0625,
  burstMs: 300,
  gapMs: 10_000,
  roundTripMs: 80,
  endSystemDelayMs: 60,
  signalLevelDbm: -20,
  noiseLevelDbm: -70,
  echoReturnLossDb: 55,
  rFactor: 85,
  mosLq: 4.2,
  mosCq: 3.9,
  concealment: 'standard',
  jitterBuffer: { isAdaptive: true, nominalMs: 40, maximumMs: 80, absoluteMaximumMs: 400 },
};

const withByte = (block: readonly number[], at: number, value: number) => block.with(at, value);

describe('extended reports, decoded (RFC 3611 §4)', () => {
  it.each<{ name: string; bytes: readonly number[]; expected: XrBlock }>([
    {
      name: 'loss RLE (§4.1)',
      bytes: [1, 3, 0, 3, 0, 0, 0, 7, 0xff, 0xfe, 0, 20, 0x40, 5, 0, 0],
      expected: {
        kind: 'lossRle',
        ssrc: 7,
        thinning: 3,
        beginSequence: 0xfffe,
        endSequence: 20,
        chunks: [0x4005, 0],
      },
    },
    {
      name: 'duplicate RLE (§4.2)',
      bytes: [2, 0, 0, 2, 0, 0, 0, 7, 0, 1, 0, 2],
      expected: { kind: 'duplicateRle', ssrc: 7, thinning: 0, beginSequence: 1, endSequence: 2, chunks: [] },
    },
    {
      name: 'receiver reference time (§4.4)',
      bytes: [4, 0, 0, 2, 0xe0, 0, 0, 1, 0x80, 0, 0, 0],
      expected: { kind: 'receiverReferenceTime', ntpSeconds: 0xe000_0001, ntpFraction: 0x8000_0000 },
    },
    {
      name: 'DLRR of two (§4.5)',
      bytes: [5, 0, 0, 6, 0, 0, 0, 1, 0xff, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0],
      expected: {
        kind: 'dlrr',
        entries: [
          { ssrc: 1, lastRr: 0xff00_0002, delaySinceLastRr: 65_536 },
          { ssrc: 3, lastRr: 0, delaySinceLastRr: 0 },
        ],
      },
    },
    {
      name: 'statistics of loss and hops (§4.6)',
      bytes: [
        ...[6, 0x88, 0, 9, 0, 0, 0, 7, 0, 1, 0, 101, 0, 0, 0, 12, 0, 0, 0, 13],
        ...[0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 60, 64, 62, 1],
      ],
      expected: {
        kind: 'statisticsSummary',
        ssrc: 7,
        beginSequence: 1,
        endSequence: 101,
        lost: 12,
        duplicates: null,
        jitter: null,
        hops: { least: 60, most: 64, mean: 62, deviation: 1 },
      },
    },
    {
      name: 'statistics of duplicates and jitter (§4.6)',
      bytes: [
        ...[6, 0x60, 0, 9, 0, 0, 0, 7, 0, 1, 0, 101, 0, 0, 0, 12, 0, 0, 0, 13],
        ...[0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 60, 64, 62, 1],
      ],
      expected: {
        kind: 'statisticsSummary',
        ssrc: 7,
        beginSequence: 1,
        endSequence: 101,
        lost: null,
        duplicates: 13,
        jitter: { least: 1, most: 2, mean: 3, deviation: 4 },
        hops: null,
      },
    },
    {
      name: 'VoIP metrics (§4.7)',
      bytes: VOIP,
      expected: { kind: 'voipMetrics', ssrc: 0xdead_beef, gmin: 16, metrics: METRICS, isImpossible: false },
    },
  ])('$name', ({ bytes, expected }) => {
    expect(blocksOf(bytes)).toEqual([expected]);
  });

  it('passes over packet receipt times, kinds of later RFCs, and known ones of a length that they cannot have', () => {
    const unknown = [3, 0, 0, 1, 1, 2, 3, 4];
    const later = [42, 0xff, 0, 0];
    const short = [7, 0, 0, 1, 0, 0, 0, 1];
    const reference = [4, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    const cutRle = [1, 0, 0, 1, 0, 0, 0, 1];
    const oddDlrr = [5, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    expect(blocksOf(unknown, later, short, cutRle, oddDlrr, reference)).toEqual([
      { kind: 'receiverReferenceTime', ntpSeconds: 1, ntpFraction: 2 },
    ]);
  });

  it.each([
    { name: 'a block beyond the packet', bytes: packetOf([4, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2]) },
    { name: 'a packet without SSRC', bytes: Uint8Array.of(0x80, 207, 0, 0) },
  ])('refuses $name', ({ bytes }) => {
    const result = decodeRtcp(bytes, 'any');
    expect(result instanceof DecodeError && result.code).toBe('RTCP_BAD_XR');
  });

  it.each([
    { name: 'no round trip yet', at: 16, values: [0, 0], field: 'roundTripMs' },
    { name: 'no delay of the end', at: 18, values: [0, 0], field: 'endSystemDelayMs' },
    { name: 'no signal level', at: 20, values: [127], field: 'signalLevelDbm' },
    { name: 'no noise level', at: 21, values: [127], field: 'noiseLevelDbm' },
    { name: 'no echo', at: 22, values: [127], field: 'echoReturnLossDb' },
    { name: 'no R', at: 24, values: [127], field: 'rFactor' },
    { name: 'an R over 100', at: 24, values: [101], field: 'rFactor', isImpossible: true },
    { name: 'no MOS-LQ', at: 26, values: [127], field: 'mosLq' },
    { name: 'a MOS-LQ of 0.9', at: 26, values: [9], field: 'mosLq', isImpossible: true },
    { name: 'a MOS-CQ of 5.1', at: 27, values: [51], field: 'mosCq', isImpossible: true },
  ])('gives null for $name', ({ at, values, field, isImpossible = false }) => {
    let bytes: readonly number[] = VOIP;
    for (const [i, value] of values.entries()) bytes = withByte(bytes, at + i, value);
    const metrics = { ...METRICS, [field]: null };
    expect(blocksOf(bytes)).toMatchObject([{ metrics, isImpossible }]);
  });

  it('finds it impossible that more is lost and discarded than came and did not', () => {
    expect(blocksOf(withByte(withByte(VOIP, 8, 200), 9, 100))).toMatchObject([{ isImpossible: true }]);
  });

  it.each([
    { config: 0x00, concealment: 'unspecified', isAdaptive: null },
    { config: 0x5f, concealment: 'disabled', isAdaptive: null },
    { config: 0xa0, concealment: 'enhanced', isAdaptive: false },
    { config: 0xf0, concealment: 'standard', isAdaptive: true },
  ])('reads the configuration $config', ({ config, concealment, isAdaptive }) => {
    expect(blocksOf(withByte(VOIP, 28, config))).toMatchObject([
      { metrics: { concealment, jitterBuffer: { isAdaptive } } },
    ]);
  });
});

describe('run lengths (RFC 3611 §4.1)', () => {
  const block: RunLengthBlock = {
    kind: 'lossRle',
    ssrc: 1,
    thinning: 0,
    beginSequence: 0xfffa,
    endSequence: 4,
    chunks: [],
  };
  /** One value for each packet; 1 where nothing is told. */
  const expand = (changes: Partial<RunLengthBlock>) => {
    const claimed = { ...block, ...changes };
    const bits: number[] = Array(reportedPackets(claimed)).fill(1);
    let next = 0;
    forEachRun(claimed, (bit, from, count) => {
      expect(from).toBe(next);
      next = from + count;
      bits.fill(bit, from, next);
    });
    expect(next).toBeLessThanOrEqual(bits.length);
    return bits;
  };

  it.each([
    { name: 'runs', chunks: [0x4003, 0x0002, 0x4005], expected: [1, 1, 1, 0, 0, 1, 1, 1, 1, 1] },
    { name: 'a bit vector', chunks: [0xb333], expected: [0, 1, 1, 0, 0, 1, 1, 0, 0, 1] },
    {
      name: 'a null chunk in between',
      chunks: [0x0002, 0, 0x0002],
      expected: [0, 0, 1, 1, 1, 1, 1, 1, 1, 1],
    },
    { name: 'claims beyond the interval', chunks: [0x3fff, 0x3fff, 0x8000], expected: Array(10).fill(0) },
    { name: 'nothing told', chunks: [], expected: Array(10).fill(1) },
  ])('$name', ({ chunks, expected }) => {
    expect(expand({ chunks })).toEqual(expected);
  });

  it.each([
    { thinning: 0, beginSequence: 10, endSequence: 10, expected: 0 },
    { thinning: 1, beginSequence: 10, endSequence: 16, expected: 3 },
    { thinning: 1, beginSequence: 11, endSequence: 16, expected: 2 },
    { thinning: 15, beginSequence: 1, endSequence: 0, expected: 1 },
    { thinning: 4, beginSequence: 0xfff8, endSequence: 8, expected: 1 },
  ])('tells of $expected packets from $beginSequence to $endSequence thinned by $thinning', (row) => {
    expect(reportedPackets({ ...block, ...row })).toBe(row.expected);
  });

  it('never tells of more packets than the interval has', () => {
    const word = fc.nat(0xffff);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), word, word, fc.nat(15), (chunks, from, to, thinning) => {
        const bits = expand({ chunks, thinning, beginSequence: from, endSequence: to });
        expect(bits.length).toBeLessThanOrEqual((to - from) & 0xffff);
      }),
      { numRuns: 50 },
    );
  });
});

describe('extended reports, encoded', () => {
  const report: EncodableRtcp = {
    type: 'XR',
    ssrc: 9,
    blocks: [
      { kind: 'receiverReferenceTime', ntpSeconds: 0xffff_ffff, ntpFraction: 1 },
      { kind: 'dlrr', entries: [{ ssrc: 4, lastRr: 0x8000_0000, delaySinceLastRr: 5 }] },
      { kind: 'voipMetrics', ssrc: 0xdead_beef, gmin: 16, metrics: METRICS, isImpossible: false },
    ],
  };

  it('decodes what it encodes, in a compound', () => {
    const compound: EncodableRtcp[] = [{ type: 'RR', ssrc: 9, reports: [] }, report];
    expect(decodeRtcp(encodeRtcp(compound))).toEqual(compound);
  });

  it('writes VoIP metrics as RFC 3611 §4.7 has them', () => {
    expect(Array.from(encodeRtcp([report]).subarray(-VOIP.length))).toEqual(VOIP);
  });

  it('writes 127 and 0 for what nobody measured', () => {
    const nothing: VoipMetrics = {
      ...METRICS,
      roundTripMs: null,
      endSystemDelayMs: null,
      signalLevelDbm: null,
      noiseLevelDbm: null,
      echoReturnLossDb: null,
      rFactor: null,
      mosLq: null,
      mosCq: null,
      concealment: 'unspecified',
      jitterBuffer: { isAdaptive: null, nominalMs: 0, maximumMs: 0, absoluteMaximumMs: 0 },
    };
    const bytes = encodeRtcp([
      { type: 'XR', ssrc: 9, blocks: [{ kind: 'voipMetrics', ssrc: 1, metrics: nothing }] },
    ]);
    expect(decodeRtcp(bytes, 'any')).toMatchObject([{ blocks: [{ metrics: nothing, isImpossible: false }] }]);
  });

  it('keeps every value within its field', () => {
    const wild: VoipMetrics = {
      ...METRICS,
      lossRatio: 1,
      discardRatio: -1,
      burstMs: 1e9,
      gapMs: 70_000,
      roundTripMs: 1e6,
      signalLevelDbm: -200,
      rFactor: 93.2,
      mosLq: 4.409,
      mosCq: 0.3,
    };
    const bytes = encodeRtcp([
      { type: 'XR', ssrc: 9, blocks: [{ kind: 'voipMetrics', ssrc: 1, metrics: wild }] },
    ]);
    expect(decodeRtcp(bytes, 'any')).toMatchObject([
      {
        blocks: [
          {
            metrics: {
              ...wild,
              lossRatio: 255 / 256,
              discardRatio: 0,
              burstMs: 65_535,
              gapMs: 65_535,
              roundTripMs: 65_535,
              signalLevelDbm: -128,
              rFactor: 93,
              mosLq: 4.4,
              mosCq: 1,
            },
          },
        ],
      },
    ]);
  });

  it('never throws on cut or changed bytes, and stays within the packet', () => {
    const bytes = encodeRtcp([{ type: 'RR', ssrc: 9, reports: [] }, report]);
    for (let length = 0; length <= bytes.length; length += 1) decodeRtcp(bytes.subarray(0, length));
    for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
      const result = decodeRtcp(changed);
      const chunks = result instanceof DecodeError ? 0 : JSON.stringify(result).length;
      expect(chunks).toBeLessThan(20 * bytes.length);
    }
  });
});
