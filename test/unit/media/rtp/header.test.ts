import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  demultiplexMedia,
  encodeRtp,
  rewriteRtpIdentity,
  rewriteRtpPayloadType,
  rtpMarker,
  rtpPayloadEnd,
  rtpPayloadOffset,
  rtpPayloadType,
  rtpSequenceNumber,
  rtpSsrc,
  rtpTimestamp,
} from '../../../../media/rtp/index.ts';

const vectors = resolve(
  process.env.PATCHCORD_DATA ?? resolve(import.meta.dirname, '../../../../../shared/data'),
  'rtp-rtcp-vectors/aiortc',
);
const fields = { payloadType: 0, marker: false, sequenceNumber: 1, timestamp: 2, ssrc: 3 };
const withFirstByte = (first: number, rest: readonly number[]) => {
  const bytes = encodeRtp(fields, Uint8Array.from(rest));
  bytes[0] = first;
  return bytes;
};

describe('rtpPayloadOffset() (RFC 3550 §5.1)', () => {
  it.each([
    { name: 'a bare header', bytes: encodeRtp(fields, new Uint8Array(0)), expected: 12 },
    { name: 'a header and payload', bytes: encodeRtp(fields, new Uint8Array(160)), expected: 12 },
    { name: 'two CSRCs', bytes: withFirstByte(0x82, Array(8).fill(1)), expected: 20 },
    { name: 'a CSRC list that is cut', bytes: withFirstByte(0x82, Array(7).fill(1)), expected: -1 },
    { name: 'an extension of one word', bytes: withFirstByte(0x90, [0, 0, 0, 1, 9, 9, 9, 9]), expected: 20 },
    { name: 'an extension that is cut', bytes: withFirstByte(0x90, [0, 0, 0, 2, 9, 9, 9, 9]), expected: -1 },
    { name: 'an extension header that is cut', bytes: withFirstByte(0x90, [0, 0, 0]), expected: -1 },
    { name: 'padding', bytes: withFirstByte(0xa0, [7, 0, 0, 3]), expected: 12 },
    { name: 'padding that is all', bytes: withFirstByte(0xa0, [0, 0, 3]), expected: 12 },
    { name: 'padding that reaches the header', bytes: withFirstByte(0xa0, [0, 0, 4]), expected: -1 },
    { name: 'padding of zero bytes', bytes: withFirstByte(0xa0, [1, 0]), expected: -1 },
    { name: 'version 1', bytes: withFirstByte(0x40, []), expected: -1 },
    { name: 'version 3', bytes: withFirstByte(0xc0, []), expected: -1 },
    { name: '11 bytes', bytes: new Uint8Array(11).fill(0x80), expected: -1 },
    { name: 'nothing', bytes: new Uint8Array(0), expected: -1 },
  ])('$name gives $expected', ({ bytes, expected }) => {
    expect(rtpPayloadOffset(bytes)).toBe(expected);
  });

  it('leaves the padding out of the payload', () => {
    expect(rtpPayloadEnd(withFirstByte(0xa0, [7, 0, 0, 3]))).toBe(13);
  });
});

describe('rewriting in place', () => {
  it('writes the whole range of every field', () => {
    const bytes = encodeRtp(fields, Uint8Array.of(0xaa));
    rewriteRtpIdentity(bytes, 0xffff, 0xffff_fffe, 0x8000_0001);
    expect(rtpSequenceNumber(bytes)).toBe(0xffff);
    expect(rtpTimestamp(bytes)).toBe(0xffff_fffe);
    expect(rtpSsrc(bytes)).toBe(0x8000_0001);
    expect(bytes[12]).toBe(0xaa);
  });

  it('takes numbers modulo their size', () => {
    const bytes = encodeRtp(
      { ...fields, sequenceNumber: 0x1_0002, timestamp: 0x1_0000_0003 },
      new Uint8Array(0),
    );
    expect(rtpSequenceNumber(bytes)).toBe(2);
    expect(rtpTimestamp(bytes)).toBe(3);
  });

  it('changes the payload type, keeps a marker that is set, sets one that is asked for', () => {
    const bytes = encodeRtp({ ...fields, marker: true, payloadType: 96 }, new Uint8Array(0));
    rewriteRtpPayloadType(bytes, 111, false);
    expect([rtpPayloadType(bytes), rtpMarker(bytes)]).toEqual([111, true]);
    const other = encodeRtp(fields, new Uint8Array(0));
    rewriteRtpPayloadType(other, 8, true);
    expect([rtpPayloadType(other), rtpMarker(other)]).toEqual([8, true]);
  });
});

describe('demultiplexMedia() (RFC 7983 §7, RFC 5761 §4)', () => {
  it.each([
    { hex: '000100002112a442000000000000000000000000', expected: 'stun' },
    { hex: '00010000', expected: 'other' },
    { hex: '16feff00000000000000000000', expected: 'other' },
    { hex: '40000004deadbeef', expected: 'other' },
    { hex: '8000000100000000cafebabe', expected: 'rtp' },
    { hex: '80bf', expected: 'rtp' },
    { hex: '803f', expected: 'rtp' },
    { hex: '8040', expected: 'rtcp' },
    { hex: '805f', expected: 'rtcp' },
    { hex: '8060', expected: 'rtp' },
    { hex: '80c90001cafebabe', expected: 'rtcp' },
    { hex: 'bfc8', expected: 'rtcp' },
    { hex: 'c0c8', expected: 'other' },
    { hex: '80', expected: 'other' },
    { hex: '', expected: 'other' },
  ])('$hex is $expected', ({ hex, expected }) => {
    expect(demultiplexMedia(Buffer.from(hex, 'hex'))).toBe(expected);
  });
});

describe.skipIf(!existsSync(vectors))('RTP of aiortc (skipped without the data)', () => {
  it.each([
    { file: 'rtp.bin', payloadType: 0, sequenceNumber: 15743, timestamp: 3937035252, payload: 160 },
    { file: 'rtp_dtmf.bin', payloadType: 101, sequenceNumber: 24152, timestamp: 4021352124, payload: 4 },
    {
      file: 'rtp_only_padding.bin',
      payloadType: 120,
      sequenceNumber: 27759,
      timestamp: 4044047131,
      payload: 0,
    },
    {
      file: 'rtp_only_padding_with_header_extensions.bin',
      payloadType: 98,
      sequenceNumber: 22138,
      timestamp: 3171065731,
      payload: 0,
    },
    { file: 'rtp_with_csrc.bin', payloadType: 0, sequenceNumber: 16082, timestamp: 144, payload: 160 },
    {
      file: 'rtp_with_sdes_mid.bin',
      payloadType: 111,
      sequenceNumber: 14156,
      timestamp: 1327210925,
      payload: 54,
    },
  ])('reads $file', ({ file, payload, ...expected }) => {
    const bytes = readFileSync(resolve(vectors, file));
    const offset = rtpPayloadOffset(bytes);
    expect(rtpPayloadEnd(bytes) - offset).toBe(payload);
    expect({
      payloadType: rtpPayloadType(bytes),
      sequenceNumber: rtpSequenceNumber(bytes),
      timestamp: rtpTimestamp(bytes),
    }).toEqual(expected);
  });

  it('refuses a CSRC list that is cut anywhere', () => {
    const bytes = readFileSync(resolve(vectors, 'rtp_with_csrc.bin'));
    for (let length = 0; length < 20; length += 1) {
      expect(rtpPayloadOffset(bytes.subarray(0, length))).toBe(-1);
    }
  });
});
