// The block of VoIP metrics (RFC 3611 §4.7): nine words, of which nothing is believed that cannot be.
//
//  0                   1                   2                   3
// |     BT = 7    |   reserved    |       block length = 8        |
// |                        SSRC of source                         |
// |   loss rate   | discard rate  | burst density |  gap density  |
// |       burst duration          |         gap duration          |
// |     round trip delay          |       end system delay        |
// | signal level  |  noise level  |     RERL      |     Gmin      |
// |   R factor    | ext. R factor |    MOS-LQ     |    MOS-CQ     |
// |   RX config   |   reserved    |          JB nominal           |
// |          JB maximum           |          JB abs max           |
import { GMIN } from '../../quality/burst-gap.ts';
import type { VoipMetrics } from '../../quality/types.ts';
import { byteAt, uint16At, uint32At, writeUint16, writeUint32 } from '../../rtp/index.ts';
import type { VoipMetricsBlock } from './types.ts';

export const VOIP_METRICS_WORDS = 8;
/** RFC 3611 §4.7.3, §4.7.5: not measured. */
const UNKNOWN = 127;
const MOST_R = 100;
const LEAST_MOS = 10;
const MOST_MOS = 50;

// RFC 3611 §4.7.6, by their two bits.
const CONCEALMENTS = ['unspecified', 'disabled', 'enhanced', 'standard'] as const;
const ADAPTIVE = 3;
const NON_ADAPTIVE = 2;

/** @param at - of the block's first byte; its length has been checked */
export function decodeVoipMetrics(bytes: Uint8Array, at: number): VoipMetricsBlock {
  const config = byteAt(bytes, at + 28);
  const r = byteAt(bytes, at + 24);
  const [lq, cq] = [byteAt(bytes, at + 26), byteAt(bytes, at + 27)];
  const metrics: VoipMetrics = {
    lossRatio: byteAt(bytes, at + 8) / 256,
    discardRatio: byteAt(bytes, at + 9) / 256,
    burstDensity: byteAt(bytes, at + 10) / 256,
    gapDensity: byteAt(bytes, at + 11) / 256,
    burstMs: uint16At(bytes, at + 12),
    gapMs: uint16At(bytes, at + 14),
    // RFC 3611 §4.7.4: 0 before enough is known.
    roundTripMs: uint16At(bytes, at + 16) || null,
    endSystemDelayMs: uint16At(bytes, at + 18) || null,
    signalLevelDbm: signedLevel(byteAt(bytes, at + 20)),
    noiseLevelDbm: signedLevel(byteAt(bytes, at + 21)),
    echoReturnLossDb: known(byteAt(bytes, at + 22)),
    rFactor: isR(r) ? r : null,
    mosLq: isMos(lq) ? lq / 10 : null,
    mosCq: isMos(cq) ? cq / 10 : null,
    concealment: CONCEALMENTS[config >> 6] ?? 'unspecified',
    jitterBuffer: {
      isAdaptive: isAdaptive((config >> 4) & 3),
      nominalMs: uint16At(bytes, at + 30),
      maximumMs: uint16At(bytes, at + 32),
      absoluteMaximumMs: uint16At(bytes, at + 34),
    },
  };
  const isPossible = (isR(r) || r === UNKNOWN) && [lq, cq].every((mos) => isMos(mos) || mos === UNKNOWN);
  const gmin = byteAt(bytes, at + 23);
  return {
    kind: 'voipMetrics',
    ssrc: uint32At(bytes, at + 4),
    gmin,
    metrics,
    // Each is rounded down by itself: no more than all packets are lost or discarded.
    isImpossible: !isPossible || metrics.lossRatio + metrics.discardRatio > 1,
  };
}

/** Writes all but the block's first word. @param at - of the block's first byte */
export function writeVoipMetrics(bytes: Uint8Array, at: number, block: VoipMetricsBlock): void {
  const { metrics, gmin = GMIN } = block;
  const { jitterBuffer } = metrics;
  writeUint32(bytes, at + 4, block.ssrc);
  bytes[at + 8] = fraction(metrics.lossRatio);
  bytes[at + 9] = fraction(metrics.discardRatio);
  bytes[at + 10] = fraction(metrics.burstDensity);
  bytes[at + 11] = fraction(metrics.gapDensity);
  writeUint16(bytes, at + 12, whole(metrics.burstMs, 0xffff));
  writeUint16(bytes, at + 14, whole(metrics.gapMs, 0xffff));
  writeUint16(bytes, at + 16, whole(metrics.roundTripMs ?? 0, 0xffff));
  writeUint16(bytes, at + 18, whole(metrics.endSystemDelayMs ?? 0, 0xffff));
  bytes[at + 20] = level(metrics.signalLevelDbm);
  bytes[at + 21] = level(metrics.noiseLevelDbm);
  bytes[at + 22] = whole(metrics.echoReturnLossDb ?? UNKNOWN, UNKNOWN);
  bytes[at + 23] = whole(gmin, 0xff);
  bytes[at + 24] = metrics.rFactor === null ? UNKNOWN : whole(metrics.rFactor, MOST_R);
  // RFC 3611 §4.7.5: the rating of a part of the way beyond ours, which we do not know.
  bytes[at + 25] = UNKNOWN;
  bytes[at + 26] = mos(metrics.mosLq);
  bytes[at + 27] = mos(metrics.mosCq);
  bytes[at + 28] = config(metrics);
  bytes[at + 29] = 0;
  writeUint16(bytes, at + 30, whole(jitterBuffer.nominalMs, 0xffff));
  writeUint16(bytes, at + 32, whole(jitterBuffer.maximumMs, 0xffff));
  writeUint16(bytes, at + 34, whole(jitterBuffer.absoluteMaximumMs, 0xffff));
}

function known(value: number): number | null {
  return value === UNKNOWN ? null : value;
}

/** Two's complement. */
function signedLevel(value: number): number | null {
  return known((value << 24) >> 24);
}

function isR(value: number): boolean {
  return value <= MOST_R;
}

function isMos(value: number): boolean {
  return value >= LEAST_MOS && value <= MOST_MOS;
}

function isAdaptive(bits: number): boolean | null {
  if (bits === ADAPTIVE) return true;
  return bits === NON_ADAPTIVE ? false : null;
}

/** In 256ths, downwards, and never all (RFC 3611 §4.7.1). */
function fraction(ratio: number): number {
  return Math.min(0xff, Math.floor(Math.max(0, ratio) * 256));
}

function whole(value: number, most: number): number {
  return Math.min(most, Math.max(0, Math.round(value)));
}

function level(dbm: number | null): number {
  return dbm === null ? UNKNOWN : Math.min(UNKNOWN - 1, Math.max(-128, Math.round(dbm))) & 0xff;
}

function mos(value: number | null): number {
  return value === null ? UNKNOWN : Math.max(LEAST_MOS, whole(value * 10, MOST_MOS));
}

function config({ concealment, jitterBuffer }: VoipMetrics): number {
  const { isAdaptive: adapts } = jitterBuffer;
  const adaptive = adapts === null ? 0 : adapts ? ADAPTIVE : NON_ADAPTIVE;
  return (CONCEALMENTS.indexOf(concealment) << 6) | (adaptive << 4);
}
