// RTCP encoding (RFC 3550 §6.4 to §6.6): one compound datagram from values.
import { writeUint16, writeUint32 } from '../rtp/index.ts';
import {
  type Goodbye,
  MAX_CNAME_BYTES,
  type ReceiverReport,
  type ReportBlock,
  RTCP_PACKET_TYPE,
  type SenderReport,
  type SourceDescription,
} from './types.ts';
import { type EncodableXr, writeExtendedReport } from './xr/index.ts';

/** What can be encoded; the first of a compound is SR or RR. */
export type EncodableRtcp = SenderReport | ReceiverReport | SourceDescription | Goodbye | EncodableXr;

/** RFC 3550 §6.4.1: cumulative loss is clamped, not wrapped. */
const MAX_LOST = 0x7f_ffff;
const MIN_LOST = -0x80_0000;
const MAX_COUNT = 31;
const MAX_REASON_BYTES = 255;

/** A compound of the most that fits into counts of five bits: 31 descriptions of 255 bytes are the longest. */
const LARGEST_COMPOUND_BYTES = 32 * 1024;
// Packets are written here one behind the other, and copied once: reports of thousands of legs make no other garbage.
const scratch = new Uint8Array(LARGEST_COMPOUND_BYTES);
const textEncoder = new TextEncoder();

/** One datagram of all packets, in order. */
export function encodeRtcp(packets: readonly EncodableRtcp[]): Uint8Array {
  let end = 0;
  for (const packet of packets) end = writePacket(end, packet);
  return scratch.slice(0, end);
}

/** @returns where the packet ends */
function writePacket(start: number, packet: EncodableRtcp): number {
  switch (packet.type) {
    case 'SR':
      return writeSenderReport(start, packet);
    case 'RR':
      return writeReceiverReport(start, packet);
    case 'SDES':
      return writeSourceDescription(start, packet);
    case 'BYE':
      return writeGoodbye(start, packet);
    case 'XR':
      return writeHeader(start, writeExtendedReport(scratch, start, packet), RTCP_PACKET_TYPE.XR, 0);
  }
}

function writeSenderReport(start: number, report: SenderReport): number {
  writeUint32(scratch, start + 4, report.ssrc);
  writeUint32(scratch, start + 8, report.ntpSeconds);
  writeUint32(scratch, start + 12, report.ntpFraction);
  writeUint32(scratch, start + 16, report.timestamp);
  writeUint32(scratch, start + 20, report.packetCount);
  writeUint32(scratch, start + 24, report.octetCount);
  const end = writeReportBlocks(start + 28, report.reports);
  return writeHeader(start, end, RTCP_PACKET_TYPE.SR, report.reports.length);
}

function writeReceiverReport(start: number, report: ReceiverReport): number {
  writeUint32(scratch, start + 4, report.ssrc);
  const end = writeReportBlocks(start + 8, report.reports);
  return writeHeader(start, end, RTCP_PACKET_TYPE.RR, report.reports.length);
}

function writeReportBlocks(start: number, reports: readonly ReportBlock[]): number {
  let at = start;
  for (let i = 0; i < reports.length && i < MAX_COUNT; i += 1) {
    const block = reports[i];
    if (!block) continue;
    writeUint32(scratch, at, block.ssrc);
    writeUint32(scratch, at + 4, Math.min(MAX_LOST, Math.max(MIN_LOST, block.cumulativeLost)));
    scratch[at + 4] = block.fractionLost;
    writeUint32(scratch, at + 8, block.extendedHighestSequenceNumber);
    writeUint32(scratch, at + 12, block.interarrivalJitter);
    writeUint32(scratch, at + 16, block.lastSr);
    writeUint32(scratch, at + 20, block.delaySinceLastSr);
    at += 24;
  }
  return at;
}

function writeSourceDescription(start: number, { chunks }: SourceDescription): number {
  let at = start + 4;
  for (const { ssrc, cname } of chunks.slice(0, MAX_COUNT)) {
    writeUint32(scratch, at, ssrc);
    scratch[at + 4] = 1;
    const length = writeText(at + 6, cname ?? '', MAX_CNAME_BYTES);
    scratch[at + 5] = length;
    // §6.5: at least one null octet ends the list of items, up to a whole word.
    at = padToWord(at + 6 + length, 1);
  }
  return writeHeader(start, at, RTCP_PACKET_TYPE.SDES, chunks.length);
}

function writeGoodbye(start: number, { sources, reason }: Goodbye): number {
  let at = start + 4;
  for (const ssrc of sources.slice(0, MAX_COUNT)) {
    writeUint32(scratch, at, ssrc);
    at += 4;
  }
  if (reason !== undefined) {
    const length = writeText(at + 1, reason, MAX_REASON_BYTES);
    scratch[at] = length;
    at = padToWord(at + 1 + length, 0);
  }
  return writeHeader(start, at, RTCP_PACKET_TYPE.BYE, sources.length);
}

/** @returns how many bytes there are, at most `limit`, and never half a character */
function writeText(at: number, text: string, limit: number): number {
  return textEncoder.encodeInto(text, scratch.subarray(at, at + limit)).written;
}

/** @param least - null octets that there are in any case */
function padToWord(end: number, least: number): number {
  const padded = 4 * Math.ceil((end + least) / 4);
  scratch.fill(0, end, padded);
  return padded;
}

function writeHeader(start: number, end: number, packetType: number, count: number): number {
  scratch[start] = 0x80 | Math.min(MAX_COUNT, count);
  scratch[start + 1] = packetType;
  writeUint16(scratch, start + 2, (end - start) / 4 - 1);
  return end;
}
