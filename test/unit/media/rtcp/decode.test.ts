import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  decodeRtcp,
  type EncodableRtcp,
  encodeRtcp,
  type ReportBlock,
  type RtcpPacket,
} from '../../../../media/rtcp/index.ts';

const vectors = resolve(
  process.env.PATCHCORD_DATA ?? resolve(import.meta.dirname, '../../../../../shared/data'),
  'rtp-rtcp-vectors/aiortc',
);
const packetsOf = (result: RtcpPacket[] | DecodeError) => (result instanceof DecodeError ? [] : result);
const block: ReportBlock = {
  ssrc: 0xffff_fffe,
  fractionLost: 255,
  cumulativeLost: -3,
  extendedHighestSequenceNumber: 0xffff_ffff,
  interarrivalJitter: 7,
  lastSr: 0x8000_0000,
  delaySinceLastSr: 65_536,
};
const compound: EncodableRtcp[] = [
  {
    type: 'SR',
    ssrc: 1,
    ntpSeconds: 0xe000_0000,
    ntpFraction: 0x8000_0000,
    timestamp: 0xffff_ffff,
    packetCount: 10,
    octetCount: 1600,
    reports: [block],
  },
  { type: 'SDES', chunks: [{ ssrc: 1, cname: 'a@b' }] },
  { type: 'BYE', sources: [1], reason: 'teardown' },
];

describe('RTCP there and back (RFC 3550 §6.4 to §6.6)', () => {
  it('decodes what it encodes', () => {
    expect(decodeRtcp(encodeRtcp(compound))).toEqual(compound);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])('pads a CNAME of %i characters to a word', (length) => {
    const description: EncodableRtcp = { type: 'SDES', chunks: [{ ssrc: 9, cname: 'x'.repeat(length) }] };
    const bytes = encodeRtcp([description]);
    expect(bytes.length % 4).toBe(0);
    expect(decodeRtcp(bytes, 'any')).toEqual([description]);
  });

  it.each([
    { lost: 0x7f_ffff, expected: 0x7f_ffff },
    { lost: 0x80_0000, expected: 0x7f_ffff },
    { lost: -0x80_0000, expected: -0x80_0000 },
    { lost: -0x80_0001, expected: -0x80_0000 },
    { lost: -1, expected: -1 },
  ])('keeps a loss of $lost within signed 24 bits (RFC 3550 §6.4.1)', ({ lost, expected }) => {
    const bytes = encodeRtcp([{ type: 'RR', ssrc: 1, reports: [{ ...block, cumulativeLost: lost }] }]);
    const [report] = packetsOf(decodeRtcp(bytes));
    expect(report).toMatchObject({ reports: [{ cumulativeLost: expected, fractionLost: 255 }] });
  });

  it('refuses every cut, or reads whole packets only', () => {
    const bytes = encodeRtcp(compound);
    const boundaries = new Set([52, 68]);
    for (let length = 0; length < bytes.length; length += 1) {
      const result = decodeRtcp(bytes.subarray(0, length));
      expect({ length, failed: result instanceof DecodeError }).toEqual({
        length,
        failed: !boundaries.has(length),
      });
    }
  });
});

describe('what RFC 3550 A.2 refuses', () => {
  const rr = encodeRtcp([{ type: 'RR', ssrc: 1, reports: [] }]);
  const changed = (offset: number, value: number) => {
    const bytes = rr.slice();
    bytes[offset] = value;
    return bytes;
  };
  it.each([
    { name: 'version 1', bytes: changed(0, 0x40), code: 'RTCP_BAD_VERSION' },
    { name: 'a first packet that is no report', bytes: changed(1, 203), code: 'RTCP_BAD_COMPOUND' },
    { name: 'padding on the first packet', bytes: changed(0, 0xa0), code: 'RTCP_BAD_COMPOUND' },
    { name: 'a length beyond the end', bytes: changed(3, 2), code: 'RTCP_BAD_LENGTH' },
    { name: 'more reports than fit', bytes: changed(0, 0x81), code: 'RTCP_BAD_REPORT' },
    { name: 'three bytes', bytes: rr.subarray(0, 3), code: 'RTCP_TRUNCATED' },
  ])('$name', ({ bytes, code }) => {
    const result = decodeRtcp(bytes);
    expect(result instanceof DecodeError && result.code).toBe(code);
  });

  it.each([202, 203, 204, 206])('padding before the last packet, type %i', (type) => {
    const padded = Uint8Array.of(0xa0, type, 0, 1, 0, 0, 0, 4);
    const last = decodeRtcp(Buffer.concat([rr, padded]));
    const middle = decodeRtcp(Buffer.concat([rr, padded, rr]));
    expect(last).not.toBeInstanceOf(DecodeError);
    expect(middle instanceof DecodeError && middle.code).toBe('RTCP_BAD_PADDING');
  });
});

describe.skipIf(!existsSync(vectors))('RTCP of aiortc (skipped without the data)', () => {
  const read = (file: string) => readFileSync(resolve(vectors, file));

  it.each([
    { file: 'rtcp_bye.bin', expected: { type: 'BYE', sources: [2924645187] } },
    { file: 'rtcp_bye_no_sources.bin', expected: { type: 'BYE', sources: [] } },
    { file: 'rtcp_bye_padding.bin', expected: { type: 'BYE', sources: [] } },
    { file: 'rtcp_psfb_pli.bin', expected: { type: 'other', packetType: 206, count: 1, ssrc: 1414554213 } },
    { file: 'rtcp_rtpfb.bin', expected: { type: 'other', packetType: 205, count: 1, ssrc: 2336520123 } },
    {
      file: 'rtcp_sdes.bin',
      expected: { chunks: [{ ssrc: 1831097322, cname: '{63f459ea-41fe-4474-9d33-9707c9ee79d1}' }] },
    },
    {
      file: 'rtcp_rr.bin',
      expected: {
        ssrc: 817267719,
        reports: [
          {
            ssrc: 1200895919,
            fractionLost: 0,
            cumulativeLost: 0,
            extendedHighestSequenceNumber: 630,
            interarrivalJitter: 1906,
            lastSr: 0,
            delaySinceLastSr: 0,
          },
        ],
      },
    },
    {
      file: 'rtcp_sr.bin',
      expected: { ssrc: 1831097322, timestamp: 1722342718, packetCount: 269, octetCount: 13557 },
    },
  ])('reads $file', ({ file, expected }) => {
    expect(decodeRtcp(read(file), 'any')).toMatchObject([expected]);
  });

  // rtcp_psfb_invalid and rtcp_rtpfb_invalid are wrong in a length of content that we do not read.
  it.each([
    'rtcp_bye_invalid.bin',
    'rtcp_rr_invalid.bin',
    'rtcp_sdes_item_truncated.bin',
    'rtcp_sdes_source_truncated.bin',
    'rtcp_sr_invalid.bin',
  ])('refuses %s', (file) => {
    expect(decodeRtcp(read(file), 'any')).toBeInstanceOf(DecodeError);
  });

  it('refuses padding whose length is zero', () => {
    const bytes = read('rtcp_bye_padding.bin');
    bytes.fill(0, bytes.length - 4);
    expect(decodeRtcp(bytes, 'any')).toBeInstanceOf(DecodeError);
  });

  it('refuses a receiver report that is cut anywhere', () => {
    const bytes = read('rtcp_rr.bin');
    for (let length = 1; length < bytes.length; length += 1) {
      expect(decodeRtcp(bytes.subarray(0, length), 'any')).toBeInstanceOf(DecodeError);
    }
  });
});
