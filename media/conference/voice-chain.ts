// What is done to one voice before others hear it: the noise between its words down, its words to the level of the
// others, and what call control wants of it; changes are ramped, so that none clicks.
import { AutomaticGain } from './automatic-gain.ts';
import { factorOfDb, scale } from './block.ts';
import { BEAT_FRAMES } from './mix.ts';
import { NoiseGate } from './noise-gate.ts';
import { ROOM_RATE_HZ } from './types.ts';

/** Over how long a voice comes in and goes out: 10 ms. */
const RAMP_FRAMES = ROOM_RATE_HZ / 100;

export interface VoiceChainOptions {
  readonly automaticGain?: boolean;
  readonly noiseGate?: boolean;
}

export class VoiceChain {
  readonly #gate: NoiseGate | undefined;
  readonly #automaticGain: AutomaticGain | undefined;
  /** Factor at the end of the last beat; 0 where the voice was not heard. */
  #gain = 0;
  #before = 0;

  constructor({ automaticGain = true, noiseGate = true }: VoiceChainOptions) {
    this.#gate = noiseGate ? new NoiseGate() : undefined;
    this.#automaticGain = automaticGain ? new AutomaticGain() : undefined;
  }

  /** Whether anything was heard at the end of the last beat. */
  get isOpen(): boolean {
    return this.#gain > 0;
  }

  /**
   * @param voice - one beat, changed in place
   * @param gainDb - undefined where the voice is not to be heard
   */
  process(voice: Float32Array, gainDb: number | undefined): void {
    const before = this.#gain * this.#processedGain;
    this.#gate?.process(voice);
    this.#automaticGain?.process(voice);
    const next = gainDb === undefined ? 0 : factorOfDb(gainDb);
    ramp(voice, this.#gain, next);
    this.#gain = next;
    this.#before = before;
  }

  /** The same for what stereo has besides, of the beat that was processed last. */
  processSide(side: Float32Array): void {
    ramp(side, this.#before, this.#gain * this.#processedGain);
  }

  /** The voice ended. */
  reset(): void {
    this.#gain = 0;
  }

  get #processedGain(): number {
    return factorOfDb((this.#gate?.gainDb ?? 0) + (this.#automaticGain?.gainDb ?? 0));
  }
}

function ramp(block: Float32Array, from: number, to: number): void {
  scale(block, from, to, 0, RAMP_FRAMES);
  scale(block, to, to, RAMP_FRAMES, BEAT_FRAMES);
}
