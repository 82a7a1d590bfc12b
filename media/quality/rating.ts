// What loss and delay make of a codec, as R and as MOS: of a whole call, or of one second of it.
import type { CodecImpairment } from './codecs.ts';
import { mosFromR, rFactor } from './e-model.ts';

export interface Rating {
  /** With the delay; without one it is the rating of listening. */
  readonly rFactor: number;
  readonly mosLq: number;
  /** Null where no delay is known. */
  readonly mosCq: number | null;
}

export interface RatingInputs {
  readonly codec: CodecImpairment;
  /** 0 to 1: what was not heard, whatever the reason. */
  readonly lossRatio: number;
  /** BurstR; 1 is loss at random. */
  readonly burstRatio: number;
  /** Mouth to ear as far as it is known; null where no part of it was measured. */
  readonly oneWayMs: number | null;
}

export function rate({ codec, lossRatio, burstRatio, oneWayMs }: RatingInputs): Rating {
  const listening = rFactor(codec, lossRatio, 0, burstRatio);
  const mosLq = mosFromR(listening);
  if (oneWayMs === null) return { rFactor: listening, mosLq, mosCq: null };
  const conversation = rFactor(codec, lossRatio, oneWayMs, burstRatio);
  return { rFactor: conversation, mosLq, mosCq: mosFromR(conversation) };
}
