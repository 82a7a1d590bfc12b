// One block of one voice: 20 ms as floats in the scale of 16 bit, measured and scaled in place.
import { SILENCE_DBOV } from '../audio/index.ts';

/** What 0 dBov has in the scale of the blocks. */
export const OVERLOAD = 32_768;

/** @returns the mean of the squares of `block[start]` to `block[end - 1]`; 0 where there are none */
export function meanSquare(block: Float32Array, start = 0, end = block.length): number {
  let sum = 0;
  // Within the block by the callers.
  for (let i = start; i < end; i += 1) sum += block[i]! * block[i]!;
  return end > start ? sum / (end - start) : 0;
}

/** @returns from {@link SILENCE_DBOV} upwards; a sum of voices may be above 0 */
export function dbovOfMeanSquare(power: number): number {
  return power > 0 ? Math.max(SILENCE_DBOV, 10 * Math.log10(power / OVERLOAD ** 2)) : SILENCE_DBOV;
}

/** Scales a part of a block by a gain that goes from `from` to `to` in a straight line, and reaches it with the last sample. */
export function scale(block: Float32Array, from: number, to: number, start = 0, end = block.length): void {
  if (from === 1 && to === 1) return;
  const step = (to - from) / (end - start);
  // Within the block by the callers.
  for (let i = start; i < end; i += 1) block[i]! *= from + step * (i - start + 1);
}

export function factorOfDb(db: number): number {
  return 10 ** (db / 20);
}

export function clamp(value: number, least: number, most: number): number {
  return value < least ? least : value > most ? most : value;
}
