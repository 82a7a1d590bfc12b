// Decodes extended reports (RFC 3611 §2, §3): what is unknown, or of a length that its kind cannot have, is passed over.
//
//  0                   1                   2                   3
// |V=2|P| reserved|   PT = 207    |            length             |
// |                              SSRC                             |
// |  block type   | type-specific | block length in words, less 1 |
import { byteAt, uint16At, uint32At } from '../../rtp/index.ts';
import {
  type DlrrBlock,
  type ExtendedReport,
  type RunLengthBlock,
  type StatisticsSummaryBlock,
  XR_BLOCK_TYPE,
  type XrBlock,
} from './types.ts';
import { decodeVoipMetrics, VOIP_METRICS_WORDS } from './voip-metrics.ts';

const HEADER_BYTES = 8;
const REFERENCE_TIME_WORDS = 2;
const DLRR_ENTRY_WORDS = 3;
const SUMMARY_WORDS = 9;
const RUN_LENGTH_WORDS = 2;

/** @returns undefined where a block goes beyond the packet */
export function decodeExtendedReport(
  bytes: Uint8Array,
  offset: number,
  end: number,
): ExtendedReport | undefined {
  if (offset + HEADER_BYTES > end) return undefined;
  const blocks: XrBlock[] = [];
  let at = offset + HEADER_BYTES;
  while (at < end) {
    if (at + 4 > end) return undefined;
    const words = uint16At(bytes, at + 2);
    if (at + 4 * (words + 1) > end) return undefined;
    const block = decodeBlock(bytes, at, words);
    if (block) blocks.push(block);
    at += 4 * (words + 1);
  }
  return { type: 'XR', ssrc: uint32At(bytes, offset + 4), blocks };
}

function decodeBlock(bytes: Uint8Array, at: number, words: number): XrBlock | undefined {
  switch (byteAt(bytes, at)) {
    case XR_BLOCK_TYPE.lossRle:
      return decodeRunLengths(bytes, at, words, 'lossRle');
    case XR_BLOCK_TYPE.duplicateRle:
      return decodeRunLengths(bytes, at, words, 'duplicateRle');
    case XR_BLOCK_TYPE.receiverReferenceTime:
      if (words !== REFERENCE_TIME_WORDS) return undefined;
      return {
        kind: 'receiverReferenceTime',
        ntpSeconds: uint32At(bytes, at + 4),
        ntpFraction: uint32At(bytes, at + 8),
      };
    case XR_BLOCK_TYPE.dlrr:
      return words % DLRR_ENTRY_WORDS === 0 ? decodeDlrr(bytes, at, words) : undefined;
    case XR_BLOCK_TYPE.statisticsSummary:
      return words === SUMMARY_WORDS ? decodeSummary(bytes, at) : undefined;
    case XR_BLOCK_TYPE.voipMetrics:
      return words === VOIP_METRICS_WORDS ? decodeVoipMetrics(bytes, at) : undefined;
    default:
      return undefined;
  }
}

function decodeRunLengths(
  bytes: Uint8Array,
  at: number,
  words: number,
  kind: RunLengthBlock['kind'],
): RunLengthBlock | undefined {
  if (words < RUN_LENGTH_WORDS) return undefined;
  const chunks: number[] = [];
  for (let chunk = at + 12; chunk < at + 4 * (words + 1); chunk += 2) chunks.push(uint16At(bytes, chunk));
  return {
    kind,
    ssrc: uint32At(bytes, at + 4),
    thinning: byteAt(bytes, at + 1) & 0x0f,
    beginSequence: uint16At(bytes, at + 8),
    endSequence: uint16At(bytes, at + 10),
    chunks,
  };
}

function decodeDlrr(bytes: Uint8Array, at: number, words: number): DlrrBlock {
  const entries: { ssrc: number; lastRr: number; delaySinceLastRr: number }[] = [];
  for (let entry = at + 4; entry < at + 4 * (words + 1); entry += 4 * DLRR_ENTRY_WORDS) {
    entries.push({
      ssrc: uint32At(bytes, entry),
      lastRr: uint32At(bytes, entry + 4),
      delaySinceLastRr: uint32At(bytes, entry + 8),
    });
  }
  return { kind: 'dlrr', entries };
}

function decodeSummary(bytes: Uint8Array, at: number): StatisticsSummaryBlock {
  // RFC 3611 §4.6: what the block holds is told by the bits L, D, J and the two of ToH.
  const flags = byteAt(bytes, at + 1);
  const jitterAt = at + 20;
  const hopsAt = at + 36;
  return {
    kind: 'statisticsSummary',
    ssrc: uint32At(bytes, at + 4),
    beginSequence: uint16At(bytes, at + 8),
    endSequence: uint16At(bytes, at + 10),
    lost: (flags & 0x80) === 0 ? null : uint32At(bytes, at + 12),
    duplicates: (flags & 0x40) === 0 ? null : uint32At(bytes, at + 16),
    jitter:
      (flags & 0x20) === 0
        ? null
        : {
            least: uint32At(bytes, jitterAt),
            most: uint32At(bytes, jitterAt + 4),
            mean: uint32At(bytes, jitterAt + 8),
            deviation: uint32At(bytes, jitterAt + 12),
          },
    hops:
      (flags & 0x18) === 0
        ? null
        : {
            least: byteAt(bytes, hopsAt),
            most: byteAt(bytes, hopsAt + 1),
            mean: byteAt(bytes, hopsAt + 2),
            deviation: byteAt(bytes, hopsAt + 3),
          },
  };
}
