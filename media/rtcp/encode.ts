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

/** What can be encoded; the first of a compound is SR or RR. */
export type EncodableRtcp = SenderReport | ReceiverReport | SourceDescription | Goodbye;

/** RFC 3550 §6.4.1: cumulative loss is clamped, not wrapped. */
const MAX_LOST = 0x7f_ffff;
const MIN_LOST = -0x80_0000;
const MAX_COUNT = 31;

/** One datagram of all packets, in order. */
export function encodeRtcp(packets: readonly EncodableRtcp[]): Uint8Array {
  const parts = packets.map(encodePacket);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function encodePacket(packet: EncodableRtcp): Uint8Array {
  switch (packet.type) {
    case 'SR':
      return encodeSenderReport(packet);
    case 'RR':
      return encodeReceiverReport(packet);
    case 'SDES':
      return encodeSourceDescription(packet);
    case 'BYE':
      return encodeGoodbye(packet);
  }
}

function encodeSenderReport(report: SenderReport): Uint8Array {
  const reports = report.reports.slice(0, MAX_COUNT);
  const bytes = packetOf(28 + 24 * reports.length, RTCP_PACKET_TYPE.SR, reports.length);
  writeUint32(bytes, 4, report.ssrc);
  writeUint32(bytes, 8, report.ntpSeconds);
  writeUint32(bytes, 12, report.ntpFraction);
  writeUint32(bytes, 16, report.timestamp);
  writeUint32(bytes, 20, report.packetCount);
  writeUint32(bytes, 24, report.octetCount);
  writeReportBlocks(bytes, 28, reports);
  return bytes;
}

function encodeReceiverReport(report: ReceiverReport): Uint8Array {
  const reports = report.reports.slice(0, MAX_COUNT);
  const bytes = packetOf(8 + 24 * reports.length, RTCP_PACKET_TYPE.RR, reports.length);
  writeUint32(bytes, 4, report.ssrc);
  writeReportBlocks(bytes, 8, reports);
  return bytes;
}

function writeReportBlocks(bytes: Uint8Array, start: number, reports: readonly ReportBlock[]): void {
  let at = start;
  for (const block of reports) {
    writeUint32(bytes, at, block.ssrc);
    writeUint32(bytes, at + 4, Math.min(MAX_LOST, Math.max(MIN_LOST, block.cumulativeLost)));
    bytes[at + 4] = block.fractionLost;
    writeUint32(bytes, at + 8, block.extendedHighestSequenceNumber);
    writeUint32(bytes, at + 12, block.interarrivalJitter);
    writeUint32(bytes, at + 16, block.lastSr);
    writeUint32(bytes, at + 20, block.delaySinceLastSr);
    at += 24;
  }
}

function encodeSourceDescription(description: SourceDescription): Uint8Array {
  const chunks = description.chunks.slice(0, MAX_COUNT).map(({ ssrc, cname }) => {
    const text = new TextEncoder().encode(cname ?? '').subarray(0, MAX_CNAME_BYTES);
    // SSRC, item type and length, text, at least one null octet, up to a whole word.
    const chunk = new Uint8Array(wordsOf(4 + 2 + text.length + 1));
    writeUint32(chunk, 0, ssrc);
    chunk[4] = 1;
    chunk[5] = text.length;
    chunk.set(text, 6);
    return chunk;
  });
  const sizeBytes = chunks.reduce((sum, chunk) => sum + chunk.length, 4);
  const bytes = packetOf(sizeBytes, RTCP_PACKET_TYPE.SDES, chunks.length);
  let at = 4;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function encodeGoodbye(goodbye: Goodbye): Uint8Array {
  const sources = goodbye.sources.slice(0, MAX_COUNT);
  const reason =
    goodbye.reason === undefined ? undefined : new TextEncoder().encode(goodbye.reason).subarray(0, 255);
  const reasonAt = 4 + 4 * sources.length;
  const sizeBytes = reasonAt + (reason ? wordsOf(1 + reason.length) : 0);
  const bytes = packetOf(sizeBytes, RTCP_PACKET_TYPE.BYE, sources.length);
  for (const [i, ssrc] of sources.entries()) writeUint32(bytes, 4 + 4 * i, ssrc);
  if (reason) {
    bytes[reasonAt] = reason.length;
    bytes.set(reason, reasonAt + 1);
  }
  return bytes;
}

function packetOf(sizeBytes: number, packetType: number, count: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  bytes[0] = 0x80 | count;
  bytes[1] = packetType;
  writeUint16(bytes, 2, sizeBytes / 4 - 1);
  return bytes;
}

function wordsOf(sizeBytes: number): number {
  return 4 * Math.ceil(sizeBytes / 4);
}
