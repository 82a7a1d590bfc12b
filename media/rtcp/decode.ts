// RTCP decoding (RFC 3550 §6.4 to §6.6, validity of A.2; RFC 3611). Wrong bytes give a DecodeError, never a throw.
//
//  0                   1                   2                   3
// |V=2|P|   RC    |      PT       | length in words, less one     |
import { DecodeError } from '../../core/index.ts';
import { byteAt, uint16At, uint32At } from '../rtp/index.ts';
import {
  type Goodbye,
  type OtherRtcp,
  type ReceiverReport,
  type ReportBlock,
  RTCP_PACKET_TYPE,
  type RtcpPacket,
  type SenderReport,
  type SourceDescription,
} from './types.ts';
import { decodeExtendedReport } from './xr/index.ts';

const HEADER_BYTES = 4;
const SENDER_INFO_BYTES = 20;
const REPORT_BLOCK_BYTES = 24;
const SDES_CNAME = 1;

/** Errors are constants: a peer can send wrong bytes at line rate. */
const ERRORS = {
  empty: new DecodeError('RTCP_TRUNCATED', 'rtcp', 'shorter than an RTCP header'),
  version: new DecodeError('RTCP_BAD_VERSION', 'rtcp.version', 'not version 2'),
  length: new DecodeError('RTCP_BAD_LENGTH', 'rtcp.length', 'does not fit the bytes that came'),
  padding: new DecodeError(
    'RTCP_BAD_PADDING',
    'rtcp.padding',
    'not on the last packet, or of a wrong length',
  ),
  first: new DecodeError('RTCP_BAD_COMPOUND', 'rtcp', 'does not start with SR or RR'),
  report: new DecodeError('RTCP_BAD_REPORT', 'rtcp.report', 'shorter than its report count says'),
  sdes: new DecodeError('RTCP_BAD_SDES', 'rtcp.sdes', 'an item or chunk is cut short'),
  bye: new DecodeError('RTCP_BAD_BYE', 'rtcp.bye', 'shorter than its source count says'),
  xr: new DecodeError('RTCP_BAD_XR', 'rtcp.xr', 'a block is cut short'),
} as const;

/**
 * Decodes every packet of a datagram.
 *
 * @param form - `compound` demands what RFC 3550 A.2 does: first SR or RR, without padding; `any` takes
 *   packets on their own too
 */
export function decodeRtcp(
  bytes: Uint8Array,
  form: 'compound' | 'any' = 'compound',
): RtcpPacket[] | DecodeError {
  if (bytes.length < HEADER_BYTES) return ERRORS.empty;
  if (form === 'compound' && !startsWithReport(bytes)) return ERRORS.first;
  const packets: RtcpPacket[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const end = packetEnd(bytes, offset);
    if (end instanceof DecodeError) return end;
    const contentEnd = withoutPadding(bytes, offset, end);
    if (contentEnd < 0) return ERRORS.padding;
    const packet = decodePacket(bytes, offset, contentEnd);
    if (packet instanceof DecodeError) return packet;
    packets.push(packet);
    offset = end;
  }
  return packets;
}

/** RFC 3550 A.2: the first packet is a report, and padding never stands on the first of several. */
function startsWithReport(bytes: Uint8Array): boolean {
  const type = byteAt(bytes, 1);
  const isReport = type === RTCP_PACKET_TYPE.SR || type === RTCP_PACKET_TYPE.RR;
  return isReport && (byteAt(bytes, 0) & 0x20) === 0;
}

function packetEnd(bytes: Uint8Array, offset: number): number | DecodeError {
  if (offset + HEADER_BYTES > bytes.length) return ERRORS.length;
  if (byteAt(bytes, offset) >> 6 !== 2) return ERRORS.version;
  const end = offset + 4 * (uint16At(bytes, offset + 2) + 1);
  return end > bytes.length ? ERRORS.length : end;
}

/** @returns the end of the content, or -1 for padding that is wrong */
function withoutPadding(bytes: Uint8Array, offset: number, end: number): number {
  if ((byteAt(bytes, offset) & 0x20) === 0) return end;
  // RFC 3550 §6.4.1: padding only on the last packet, in whole words, its last octet counting itself.
  const paddingBytes = byteAt(bytes, end - 1);
  const isLast = end === bytes.length;
  if (!isLast || paddingBytes === 0 || paddingBytes % 4 !== 0) return -1;
  return end - paddingBytes < offset + HEADER_BYTES ? -1 : end - paddingBytes;
}

function decodePacket(bytes: Uint8Array, offset: number, end: number): RtcpPacket | DecodeError {
  switch (byteAt(bytes, offset + 1)) {
    case RTCP_PACKET_TYPE.SR:
      return decodeSenderReport(bytes, offset, end);
    case RTCP_PACKET_TYPE.RR:
      return decodeReceiverReport(bytes, offset, end);
    case RTCP_PACKET_TYPE.SDES:
      return decodeSourceDescription(bytes, offset, end);
    case RTCP_PACKET_TYPE.BYE:
      return decodeGoodbye(bytes, offset, end);
    case RTCP_PACKET_TYPE.XR:
      return decodeExtendedReport(bytes, offset, end) ?? ERRORS.xr;
    default:
      return decodeOther(bytes, offset, end);
  }
}

function decodeSenderReport(bytes: Uint8Array, offset: number, end: number): SenderReport | DecodeError {
  const blocksAt = offset + HEADER_BYTES + 4 + SENDER_INFO_BYTES;
  const reports = decodeReportBlocks(bytes, { at: blocksAt, end, count: countAt(bytes, offset) });
  if (!reports) return ERRORS.report;
  return {
    type: 'SR',
    ssrc: uint32At(bytes, offset + 4),
    ntpSeconds: uint32At(bytes, offset + 8),
    ntpFraction: uint32At(bytes, offset + 12),
    timestamp: uint32At(bytes, offset + 16),
    packetCount: uint32At(bytes, offset + 20),
    octetCount: uint32At(bytes, offset + 24),
    reports,
  };
}

function decodeReceiverReport(bytes: Uint8Array, offset: number, end: number): ReceiverReport | DecodeError {
  const blocksAt = offset + HEADER_BYTES + 4;
  const reports = decodeReportBlocks(bytes, { at: blocksAt, end, count: countAt(bytes, offset) });
  return reports ? { type: 'RR', ssrc: uint32At(bytes, offset + 4), reports } : ERRORS.report;
}

interface BlockRange {
  readonly at: number;
  readonly end: number;
  readonly count: number;
}

/** What follows the blocks is a profile's extension (RFC 3550 §6.4.3) and is skipped. */
function decodeReportBlocks(bytes: Uint8Array, range: BlockRange): ReportBlock[] | undefined {
  if (range.at + range.count * REPORT_BLOCK_BYTES > range.end) return undefined;
  const reports: ReportBlock[] = [];
  for (let i = 0; i < range.count; i += 1) {
    const at = range.at + i * REPORT_BLOCK_BYTES;
    reports.push({
      ssrc: uint32At(bytes, at),
      fractionLost: byteAt(bytes, at + 4),
      // Shifted up and back, so that the sign bit of the 24 bits counts.
      cumulativeLost: (uint32At(bytes, at + 4) << 8) >> 8,
      extendedHighestSequenceNumber: uint32At(bytes, at + 8),
      interarrivalJitter: uint32At(bytes, at + 12),
      lastSr: uint32At(bytes, at + 16),
      delaySinceLastSr: uint32At(bytes, at + 20),
    });
  }
  return reports;
}

// RFC 3550 §6.5: chunks of SSRC and items, each chunk ended by one to four null octets up to a word.
function decodeSourceDescription(
  bytes: Uint8Array,
  offset: number,
  end: number,
): SourceDescription | DecodeError {
  const chunks: { ssrc: number; cname: string | undefined }[] = [];
  let at = offset + HEADER_BYTES;
  for (let i = countAt(bytes, offset); i > 0; i -= 1) {
    if (at + 4 > end) return ERRORS.sdes;
    const ssrc = uint32At(bytes, at);
    const items = decodeItems(bytes, at + 4, end);
    if (!items) return ERRORS.sdes;
    chunks.push({ ssrc, cname: items.cname });
    at = items.end;
  }
  return { type: 'SDES', chunks };
}

function decodeItems(
  bytes: Uint8Array,
  start: number,
  end: number,
): { cname: string | undefined; end: number } | undefined {
  let cname: string | undefined;
  let at = start;
  while (at < end) {
    const type = byteAt(bytes, at);
    if (type === 0) {
      const next = at + 4 - (at % 4);
      return next <= end ? { cname, end: next } : undefined;
    }
    if (at + 2 > end) return undefined;
    const itemEnd = at + 2 + byteAt(bytes, at + 1);
    if (itemEnd > end) return undefined;
    if (type === SDES_CNAME) cname ??= textOf(bytes.subarray(at + 2, itemEnd));
    at = itemEnd;
  }
  return undefined;
}

function decodeGoodbye(bytes: Uint8Array, offset: number, end: number): Goodbye | DecodeError {
  const count = countAt(bytes, offset);
  const reasonAt = offset + HEADER_BYTES + 4 * count;
  if (reasonAt > end) return ERRORS.bye;
  const sources: number[] = [];
  for (let i = 0; i < count; i += 1) sources.push(uint32At(bytes, offset + HEADER_BYTES + 4 * i));
  if (reasonAt === end) return { type: 'BYE', sources, reason: undefined };
  const reasonEnd = reasonAt + 1 + byteAt(bytes, reasonAt);
  if (reasonEnd > end) return ERRORS.bye;
  return { type: 'BYE', sources, reason: textOf(bytes.subarray(reasonAt + 1, reasonEnd)) };
}

function decodeOther(bytes: Uint8Array, offset: number, end: number): OtherRtcp {
  return {
    type: 'other',
    packetType: byteAt(bytes, offset + 1),
    count: countAt(bytes, offset),
    ssrc: offset + 8 <= end ? uint32At(bytes, offset + 4) : undefined,
  };
}

function countAt(bytes: Uint8Array, offset: number): number {
  return byteAt(bytes, offset) & 0x1f;
}

const utf8 = new TextDecoder();

function textOf(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}
