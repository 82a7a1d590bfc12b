// A report of the figures that a call was measured by, whoever measured them.
import { noMetrics } from './parse.ts';
import type { VqMetrics } from './types.ts';

/** One direction, as media reports it; what nobody measured is null or left out. */
export interface MeasuredDirection {
  readonly packets: number;
  /** Less than none where packets came twice. */
  readonly lost: number | null;
  readonly lossRatio: number | null;
  readonly discarded: number | null;
  readonly jitterMs: number | null;
  /** With the delay; where that is not known, and so MOS-CQ is null, that of listening. */
  readonly rFactor: number | null;
  readonly mosLq: number | null;
  readonly mosCq: number | null;
  /** Loss in bursts and gaps (RFC 3611 §4.7.2). */
  readonly burstGap?: MeasuredBursts | null;
}

/** See RFC 3611 §4.7.2; densities 0 to 1. */
export interface MeasuredBursts {
  readonly burstDensity: number;
  readonly gapDensity: number;
  readonly burstMs: number;
  readonly gapMs: number;
}

/** What the far end said of itself by RTCP (RFC 3611 §4.7). */
export interface ToldByFarEnd {
  readonly discardRatio: number;
  readonly endSystemDelayMs: number | null;
  readonly signalLevelDbm: number | null;
  readonly noiseLevelDbm: number | null;
  readonly echoReturnLossDb: number | null;
  readonly rFactor: number | null;
  readonly mosLq: number | null;
  readonly mosCq: number | null;
  readonly concealment: keyof typeof CONCEALMENTS;
  readonly jitterBuffer: {
    readonly isAdaptive: boolean | null;
    readonly nominalMs: number;
    readonly maximumMs: number;
    readonly absoluteMaximumMs: number;
  };
}

/** What is known beside the direction itself. */
export interface MeasuredSurroundings {
  /** Wall clock. */
  readonly startAt: number;
  readonly stopAt: number;
  /** `opus`, or `opus/48000`. */
  readonly codec: string | null;
  readonly roundTripMs: number | null;
}

/** RFC 3611 §4.7.6, by its words. */
const CONCEALMENTS = { unspecified: 0, disabled: 1, enhanced: 2, standard: 3 } as const;
const ADAPTIVE = 3;
const NOT_ADAPTIVE = 2;

/** RFC 3611 §4.7.2: the gap that ends a burst. */
const GMIN = 16;

/** Metrics of one direction. */
export function metricsOf(direction: MeasuredDirection, around: MeasuredSurroundings): VqMetrics {
  const { burstGap } = direction;
  const [codec = null, clockRate] = around.codec?.split('/') ?? [];
  return {
    ...noMetrics(),
    start: secondsText(around.startAt),
    stop: secondsText(around.stopAt),
    codec: codec?.toUpperCase() ?? null,
    sampleRateHz: clockRate === undefined ? null : Number(clockRate),
    lossRatio: direction.lossRatio,
    discardRatio: discardRatioOf(direction),
    ...(burstGap ? { ...pick(burstGap), minimumGap: GMIN } : {}),
    roundTripMs: around.roundTripMs,
    jitterMs: direction.jitterMs,
    [direction.mosCq === null ? 'rFactorLq' : 'rFactorCq']: direction.rFactor,
    mosLq: direction.mosLq,
    mosCq: direction.mosCq,
  };
}

/**
 * Metrics of what the far end received, by its reports.
 *
 * @param told - its extended report, which says more; null where it sent none
 */
export function farEndMetricsOf(
  direction: MeasuredDirection,
  told: ToldByFarEnd | null,
  around: MeasuredSurroundings,
): VqMetrics {
  const metrics = metricsOf(direction, around);
  if (!told) return metrics;
  const { jitterBuffer } = told;
  return {
    ...metrics,
    concealment: CONCEALMENTS[told.concealment],
    jitterBufferAdaptive: jitterBuffer.isAdaptive === null ? 0 : adaptivity(jitterBuffer.isAdaptive),
    jitterBufferNominalMs: jitterBuffer.nominalMs,
    jitterBufferMaximumMs: jitterBuffer.maximumMs,
    jitterBufferAbsoluteMaximumMs: jitterBuffer.absoluteMaximumMs,
    discardRatio: told.discardRatio,
    endSystemDelayMs: told.endSystemDelayMs,
    signalLevelDbm: told.signalLevelDbm,
    noiseLevelDbm: told.noiseLevelDbm,
    echoReturnLossDb: told.echoReturnLossDb,
    rFactorCq: told.rFactor ?? metrics.rFactorCq,
    mosLq: told.mosLq ?? metrics.mosLq,
    mosCq: told.mosCq ?? metrics.mosCq,
  };
}

/** RFC 3611 §4.7.1: of all packets that were expected, as the loss rate. */
function discardRatioOf({ packets, lost, discarded }: MeasuredDirection): number | null {
  const expected = packets + (lost ?? 0);
  return discarded === null || expected <= 0 ? null : Math.min(1, Math.max(0, discarded / expected));
}

function adaptivity(isAdaptive: boolean): number {
  return isAdaptive ? ADAPTIVE : NOT_ADAPTIVE;
}

function pick({ burstDensity, gapDensity, burstMs, gapMs }: MeasuredBursts): MeasuredBursts {
  return { burstDensity, gapDensity, burstMs, gapMs };
}

/** RFC 3339; the RFC's examples have whole seconds. */
function secondsText(wallClock: number): string {
  return `${new Date(wallClock).toISOString().slice(0, 19)}Z`;
}
