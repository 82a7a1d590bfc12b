// Plays one encoded tone into one leg, a frame every 20 ms.
import type { PayloadFormat } from '../engine/types.ts';
import type { Leg } from '../leg/index.ts';
import { encodeRtp } from '../rtp/index.ts';
import type { EncodedTone } from './tone-library.ts';

const FRAME_MS = 20;

export interface TonePlayerOptions {
  readonly leg: Leg;
  readonly tone: EncodedTone;
  readonly format: PayloadFormat;
  /** Called once: played to the end, or stopped. */
  onDone(): void;
}

export class TonePlayer {
  readonly #options: TonePlayerOptions;
  readonly #step: number;
  #index = 0;
  #nextAt: number;
  #isDone = false;

  constructor(now: number, options: TonePlayerOptions) {
    this.#options = options;
    this.#step = (options.format.clockRateHz * FRAME_MS) / 1000;
    this.#nextAt = now;
  }

  nextTimeoutAt(): number | undefined {
    return this.#isDone ? undefined : this.#nextAt;
  }

  handleTimeout(now: number): void {
    if (this.#isDone || now < this.#nextAt) return;
    const { leg, tone, format } = this.#options;
    const payload = tone[this.#index];
    if (!payload) return this.stop();
    const packet = encodeRtp(
      {
        payloadType: format.payloadType,
        marker: this.#index === 0,
        sequenceNumber: this.#index & 0xffff,
        timestamp: this.#index * this.#step,
        // Another source than any party's, so that the leg goes on with its stream's numbers.
        ssrc: leg.ssrc,
      },
      payload,
    );
    leg.send(now, packet);
    this.#index += 1;
    // From the plan, not from `now`: a late beat must not shift all later ones.
    this.#nextAt += FRAME_MS;
  }

  stop(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#options.onDone();
  }
}
