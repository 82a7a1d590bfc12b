// Bursts and gaps by looking at a whole sequence, as RFC 3611 §4.7.2 defines them.
import { type BurstGap, GMIN } from '../../../../media/quality/index.ts';

export const PACKET_MS = 20;

/** `.` came, `x` did not. By the definition alone: two losses belong together that have no Gmin received between. */
export function reference(sequence: string): BurstGap {
  const isBurst = Array.from(sequence, () => false);
  const losses = [...sequence.matchAll(/x/g)].map((match) => match.index);
  for (const [i, at] of losses.entries()) {
    const next = losses[i + 1];
    if (next !== undefined && next - at - 1 < GMIN) isBurst.fill(true, at, next + 1);
  }
  const periods = (wanted: boolean) => {
    const inside = [...sequence].filter((_, i) => isBurst[i] === wanted);
    const starts = isBurst.filter((value, i) => value === wanted && isBurst[i - 1] !== wanted).length;
    const lost = inside.filter((packet) => packet === 'x').length;
    return {
      density: inside.length === 0 ? 0 : lost / inside.length,
      meanMs: starts === 0 ? 0 : (PACKET_MS * inside.length) / starts,
    };
  };
  const [burst, gap] = [periods(true), periods(false)];
  return {
    burstDensity: burst.density,
    gapDensity: gap.density,
    burstMs: burst.meanMs,
    gapMs: gap.meanMs,
  };
}
