// Builds the quality of one direction from counts: null where nothing was measured.
import type { CodecImpairment } from './codecs.ts';
import { rate } from './rating.ts';
import type { BurstGap, DirectionQuality } from './types.ts';

/** What was counted or reported of one direction. */
export interface DirectionMeasurement {
  readonly packets: number;
  /** RFC 3550 A.3; undefined where neither side counted. */
  readonly expected: number | undefined;
  readonly lost: number;
  readonly discarded: number | null;
  /** Of the lost and discarded: what was heard from a copy after all; none where not given. */
  readonly recovered?: number;
  readonly jitterMs: number | null;
  readonly maxJitterMs: number | null;
  /** Undefined for a codec that nobody rated. */
  readonly codec: CodecImpairment | undefined;
  /** Mouth to ear as far as it is known; null where no part of it was measured. */
  readonly oneWayMs: number | null;
  readonly burstGap?: BurstGap | null;
  /** BurstR of what was not heard; 1 where not given, which is loss at random. */
  readonly burstRatio?: number;
}

/**
 * The rating takes what is known: without a delay it is that of listening, and MOS-CQ stays null.
 */
export function directionQuality(measured: DirectionMeasurement): DirectionQuality {
  const { packets, lost, discarded, jitterMs, maxJitterMs, codec, oneWayMs, recovered = 0 } = measured;
  const ratio = lossRatio(measured.expected, lost);
  const { burstGap = null, burstRatio = 1 } = measured;
  const counts = { packets, lost, lossRatio: ratio, discarded, jitterMs, maxJitterMs, burstGap };
  if (ratio === null || !codec || packets === 0)
    return { ...counts, rFactor: null, mosLq: null, mosCq: null };
  // What the playout threw away is as lost to the ear as what never came; what it played from a copy is not lost.
  // A duplicate counts once less in `lost` and once more in `discarded`: to the ear it is neither.
  const effectiveLoss = lossRatio(measured.expected, lost + (discarded ?? 0) - recovered) ?? 0;
  return { ...counts, ...rate({ codec, lossRatio: effectiveLoss, burstRatio, oneWayMs }) };
}

/** 0 to 1: duplicates never make loss negative, and a liar never makes it more than all. */
function lossRatio(expected: number | undefined, lost: number): number | null {
  if (expected === undefined || !(expected > 0)) return null;
  return Math.min(1, Math.max(0, lost / expected));
}
