// What we tell the sender of how its stream sounds here (RFC 3611 §4.7).
import type { VoipMetrics } from '../quality/index.ts';
import { inboundQuality, type QualityInputs } from './quality-report.ts';

/** RFC 3611 §4.7.6, §4.7.7: a relay plays nothing, and knows of no buffer. */
const NO_BUFFER: VoipMetrics['jitterBuffer'] = {
  isAdaptive: null,
  nominalMs: 0,
  maximumMs: 0,
  absoluteMaximumMs: 0,
};

/** @returns null where nothing came yet */
export function ownMetrics(inputs: QualityInputs): VoipMetrics | null {
  const { inbound, outbound, recovered = 0, playoutDelayMs, buffer } = inputs;
  const { expected } = inbound;
  const { lost, discarded, burstGap, rFactor, mosLq, mosCq } = inboundQuality(inputs);
  if (!(expected > 0) || !burstGap) return null;
  const share = (packets: number) => Math.min(1, Math.max(0, packets / expected));
  return {
    ...burstGap,
    // RFC 3611 §4.7.1: what was made good from copies is not lost.
    lossRatio: share(lost - recovered),
    discardRatio: share(discarded ?? 0),
    roundTripMs: outbound.roundTrip.lastMs,
    endSystemDelayMs: playoutDelayMs,
    signalLevelDbm: null,
    noiseLevelDbm: null,
    echoReturnLossDb: null,
    rFactor,
    mosLq,
    mosCq,
    concealment: concealmentOf(inputs),
    jitterBuffer: buffer ?? NO_BUFFER,
  };
}

/** RFC 3611 §4.7.6: whoever relays neither conceals nor leaves holes. */
function concealmentOf({ discarded, concealment }: QualityInputs): VoipMetrics['concealment'] {
  if (discarded === null) return 'unspecified';
  return concealment ? 'enhanced' : 'disabled';
}
