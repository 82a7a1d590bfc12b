// Packets lost at random, the same ones in every run.
import type { Trace } from './trace.ts';

/** A multiplicative generator modulo 2^31 - 1 (Park and Miller, 1988): enough for independent losses. */
const MODULUS = 0x7fff_ffff;
const MULTIPLIER = 48_271;

/** @param lossRatio - 0 to 1 */
export function withRandomLoss({ name, delays }: Trace, lossRatio: number): Trace {
  let state = 1;
  const lossy = delays.map((delay) => {
    state = (state * MULTIPLIER) % MODULUS;
    return state / MODULUS < lossRatio ? Number.NaN : delay;
  });
  // The first packet starts the call.
  lossy[0] = delays[0] ?? 0;
  return { name, delays: lossy };
}
