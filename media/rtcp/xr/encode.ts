// Writes the blocks that we send into a buffer of the caller's (RFC 3611 §4.4, §4.5, §4.7).
import { writeUint16, writeUint32 } from '../../rtp/index.ts';
import {
  type DlrrBlock,
  type ReceiverReferenceTimeBlock,
  type VoipMetricsBlock,
  XR_BLOCK_TYPE,
} from './types.ts';
import { writeVoipMetrics } from './voip-metrics.ts';

/** What can be encoded of an extended report. */
export interface EncodableXr {
  readonly type: 'XR';
  readonly ssrc: number;
  readonly blocks: readonly EncodableXrBlock[];
}

export type EncodableXrBlock = ReceiverReferenceTimeBlock | DlrrBlock | VoipMetricsBlock;

/** Blocks of one packet; more are left out. */
const MOST_BLOCKS = 8;
/** Entries of one DLRR block: one session knows one other member. */
const MOST_ENTRIES = 31;

/** Writes all but the first word. @returns where the packet ends */
export function writeExtendedReport(bytes: Uint8Array, start: number, report: EncodableXr): number {
  writeUint32(bytes, start + 4, report.ssrc);
  let at = start + 8;
  for (const block of report.blocks.slice(0, MOST_BLOCKS)) {
    const end = writeBlock(bytes, at, block);
    bytes[at] = XR_BLOCK_TYPE[block.kind];
    bytes[at + 1] = 0;
    writeUint16(bytes, at + 2, (end - at) / 4 - 1);
    at = end;
  }
  return at;
}

function writeBlock(bytes: Uint8Array, at: number, block: EncodableXrBlock): number {
  switch (block.kind) {
    case 'receiverReferenceTime':
      writeUint32(bytes, at + 4, block.ntpSeconds);
      writeUint32(bytes, at + 8, block.ntpFraction);
      return at + 12;
    case 'dlrr':
      return writeDlrr(bytes, at + 4, block);
    case 'voipMetrics':
      writeVoipMetrics(bytes, at, block);
      return at + 36;
  }
}

function writeDlrr(bytes: Uint8Array, start: number, { entries }: DlrrBlock): number {
  let at = start;
  for (const { ssrc, lastRr, delaySinceLastRr } of entries.slice(0, MOST_ENTRIES)) {
    writeUint32(bytes, at, ssrc);
    writeUint32(bytes, at + 4, lastRr);
    writeUint32(bytes, at + 8, delaySinceLastRr);
    at += 12;
  }
  return at;
}
