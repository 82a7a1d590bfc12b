// The lines of metrics (RFC 6035 §4.6.1), as one table for the writer and the parser.
import type { VqNumbers } from './types.ts';

/** One `NAME=value` of a line. */
export interface VqField {
  readonly name: string;
  /** Names of drafts that phones still send. */
  readonly alias?: string;
  readonly field: keyof VqNumbers;
  /** Of the text; what lies outside says nothing. */
  readonly lowest: number;
  readonly highest: number;
  readonly decimals: number;
  /** The value is the text times this: 0.01 for percents. */
  readonly scale: number;
}

const whole = (name: string, field: keyof VqNumbers, highest = 65_535, lowest = 0): VqField => ({
  name,
  field,
  lowest,
  highest,
  decimals: 0,
  scale: 1,
});

const percent = (name: string, field: keyof VqNumbers): VqField => ({
  ...whole(name, field, 100),
  decimals: 2,
  scale: 0.01,
});

const withDecimals = (field: VqField, decimals: number): VqField => ({ ...field, decimals });

/** In the order of the RFC's grammar. Signal levels are in dBm0. */
export const VQ_LINES: readonly (readonly [line: string, fields: readonly VqField[]])[] = [
  [
    'SessionDesc',
    [
      whole('PT', 'payloadType', 127),
      whole('SR', 'sampleRateHz', 10_000_000),
      whole('FD', 'frameMs', 9999),
      whole('PPS', 'packetsPerSecond', 9999),
      whole('PLC', 'concealment', 3),
    ],
  ],
  [
    'JitterBuffer',
    [
      whole('JBA', 'jitterBufferAdaptive', 3),
      whole('JBR', 'jitterBufferRate', 15),
      whole('JBN', 'jitterBufferNominalMs'),
      whole('JBM', 'jitterBufferMaximumMs'),
      whole('JBX', 'jitterBufferAbsoluteMaximumMs'),
    ],
  ],
  ['PacketLoss', [percent('NLR', 'lossRatio'), percent('JDR', 'discardRatio')]],
  [
    'BurstGapLoss',
    [
      percent('BLD', 'burstDensity'),
      whole('BD', 'burstMs', 3_600_000),
      percent('GLD', 'gapDensity'),
      whole('GD', 'gapMs', 3_600_000),
      whole('GMIN', 'minimumGap', 255),
    ],
  ],
  [
    'Delay',
    [
      whole('RTD', 'roundTripMs'),
      whole('ESD', 'endSystemDelayMs'),
      { ...whole('SOWD', 'oneWayDelayMs'), alias: 'OWD' },
      withDecimals(whole('IAJ', 'jitterMs'), 1),
      withDecimals(whole('MAJ', 'meanAbsoluteJitterMs'), 1),
    ],
  ],
  [
    'Signal',
    [
      whole('SL', 'signalLevelDbm', 126, -127),
      whole('NL', 'noiseLevelDbm', 126, -127),
      // 127 is "not available" (RFC 3611 §4.7.5).
      whole('RERL', 'echoReturnLossDb', 126),
    ],
  ],
  [
    'QualityEst',
    [
      whole('RLQ', 'rFactorLq', 120),
      whole('RCQ', 'rFactorCq', 120),
      whole('EXTRI', 'externalRFactor', 120),
      withDecimals(whole('MOSLQ', 'mosLq', 5), 2),
      withDecimals(whole('MOSCQ', 'mosCq', 5), 2),
    ],
  ],
];
