// Advice as an encoder takes it.
import type { Codec } from '../codec/index.ts';
import type { SendingAdvice } from './loss-response.ts';

/** Brings an encoder to what the reports advise; one that can change nothing stays as it is. */
export function tuneEncoder(encoder: Codec, { bitrateRatio, expectedLossRatio }: SendingAdvice): void {
  const { usualBitrateBps } = encoder;
  if (usualBitrateBps === undefined) return encoder.tune?.({ expectedLossRatio });
  encoder.tune?.({ bitrateBps: Math.round(bitrateRatio * usualBitrateBps), expectedLossRatio });
}
