// ITU-T G.722: the quantizers of both sub-bands, as tables.
import type { BandScale, G722Band } from './g722-band.ts';

/** "Q6": upper limits of the lower band's magnitudes, for a step of 4096. */
const LOWER_LIMITS = Int16Array.of(
  ...[35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023],
  ...[1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919],
);

/** "QM6", "QM5" and "QM4" by magnitude: what a code of 6, 5 or 4 bits stands for, for a step of 32768. */
const LEVELS_6 = [
  ...[136, 432, 728, 1040, 1360, 1688, 2032, 2400, 2776, 3168, 3576, 4008, 4464, 4944, 5456, 6000, 6576],
  ...[7192, 7856, 8576, 9360, 10_232, 11_192, 12_280, 13_512, 14_984, 16_704, 19_008, 21_904, 24_808],
];
const LEVELS_5 = [
  ...[280, 880, 1520, 2208, 2960, 3784, 4696, 5712, 6864, 8184, 9752, 11_664, 14_120, 17_560, 23_352],
];
const LEVELS_4 = [0, 1200, 2584, 4240, 6288, 8968, 12_896, 20_456];

/** "Q2" and "QM2": the higher band has two magnitudes, parted at 564. */
const HIGHER_LIMIT = 564;
const higherLevels = Int16Array.of(-7408, -1616, 7408, 1616);

export const lowerScale: BandScale = {
  // "WL" by way of "RL42".
  logarithmSteps: Int16Array.of(
    ...[-60, 3042, 1198, 538, 334, 172, 58, -30],
    ...[3042, 1198, 538, 334, 172, 58, -30, -60],
  ),
  largestLogarithm: 18_432,
  shift: 8,
  initialStep: 32,
};

export const higherScale: BandScale = {
  // "WH" by way of "RH2".
  logarithmSteps: Int16Array.of(798, -214, 798, -214),
  largestLogarithm: 22_528,
  shift: 10,
  initialStep: 8,
};

/** Bits a sample of the lower band (modes 1, 2 and 3: 64, 56 and 48 kbit/s); the rest of its six carry data. */
export type LowerBits = 6 | 5 | 4;

const lowerLevels: Readonly<Record<LowerBits, Int16Array>> = {
  6: bySign(LEVELS_6, 64),
  5: bySign(LEVELS_5, 32),
  4: bySign(LEVELS_4, 16),
};

/**
 * Block 1L, "QUANTL". @param difference - between a sample and its prediction
 * @returns six bits
 */
export function quantizeLower(difference: number, step: number): number {
  const magnitude = difference < 0 ? ~difference : difference;
  let low = 0;
  let high = LOWER_LIMITS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    // Within the array: low <= middle < high.
    if (magnitude < (LOWER_LIMITS[middle]! * step) >> 12) high = middle;
    else low = middle + 1;
  }
  // The largest positive magnitudes come first, and the two smallest negative ones last: 0000xx never occurs.
  if (difference >= 0) return 61 - low;
  return low < 2 ? 63 - low : 33 - low;
}

/** Block 1H, "QUANTH". @returns two bits */
export function quantizeHigher(difference: number, step: number): number {
  const magnitude = difference < 0 ? ~difference : difference;
  const isLarge = magnitude >= (HIGHER_LIMIT * step) >> 12;
  return (difference < 0 ? 0 : 2) + (isLarge ? 0 : 1);
}

/** The difference that a code of the lower band means. @param code - `bits` wide */
export function lowerDifference(code: number, step: number, bits: LowerBits): number {
  return ((lowerLevels[bits][code] ?? 0) * step) >> 15;
}

/** The difference that a code of the higher band means. */
export function higherDifference(code: number, step: number): number {
  return ((higherLevels[code] ?? 0) * step) >> 15;
}

/** @param code - all six bits */
export function adaptLower(band: G722Band, code: number): void {
  // Four of the six bits: the decoder adapts alike where two carry data.
  band.adapt(code >> 2, lowerDifference(code >> 2, band.step, 4));
}

export function adaptHigher(band: G722Band, code: number): void {
  band.adapt(code, higherDifference(code, band.step));
}

/**
 * Levels by code: the positive ones, falling, end the upper half but for the last codes; the negative ones, rising, end
 * the lower half, and the smallest of them take those last codes. The first codes are never sent, so that no byte of
 * zeros is on the line, and stand for the smallest.
 */
function bySign(magnitudes: readonly number[], codes: number): Int16Array {
  const half = codes / 2;
  const last = Math.max(1, half - magnitudes.length);
  const levels = new Int16Array(codes).fill(-(magnitudes[0] ?? 0));
  for (const [i, magnitude] of magnitudes.entries()) {
    levels[half + magnitudes.length - 1 - i] = magnitude;
    levels[i < last ? codes - 1 - i : half - 1 + last - i] = -magnitude;
  }
  return levels;
}
