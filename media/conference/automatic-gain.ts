// Brings a voice to the level of the others: slowly up, quickly down, and by its words alone.
import { clamp, dbovOfMeanSquare, factorOfDb, meanSquare, scale } from './block.ts';
import { NoiseFloor } from './noise-floor.ts';

/** Where speech goes to, its pauses not counted. */
export const SPEECH_TARGET_DBOV = -18;
/** Bounds of the gain: a shout, and a voice far from its microphone. */
export const LEAST_GAIN_DB = -12;
export const MOST_GAIN_DB = 18;

/** A block is speech where it is so much above the noise, and neither below the softest voice nor far below this one. */
const ABOVE_NOISE_DB = 10;
const SOFTEST_DBOV = -52;
const BELOW_VOICE_DB = 16;
/** Speech is measured over so many blocks, of which some must be speech. */
const WINDOW_BLOCKS = 50;
const LEAST_SPEECH_BLOCKS = 8;
/** A window without speech may be of a voice that has become soft: it is looked for lower, by 3 dB. */
const FORGET = 0.5;
/** Share of the last window in what is known of the voice. */
const APPROACH = 0.5;
/** Up by 5 dB a second of speech, down by 50. */
const UP_DB = 0.1;
const DOWN_DB = 1;
/** Syllables are louder than speech on the mean by 6 to 8 dB; what is above does not wait for the window. */
const LOUDEST_SYLLABLE_DB = 9;

/**
 * Automatic gain of one voice. What does not rise and fall as speech does (noise, tones, silence) never makes it
 * louder. Put it behind the {@link NoiseGate}.
 */
export class AutomaticGain {
  #gainDb = 0;
  #gain = 1;
  /** Where the gain goes to, by the speech measured. */
  #wantedDb = 0;
  /** A tone is no speech, however loud. */
  readonly #noise = new NoiseFloor(0);
  #blocks = 0;
  /** The noise is not known in the first. */
  #isFirstWindow = true;
  #speechBlocks = 0;
  #speechPower = 0;
  /** Mean square of the speech of late; 0 before there was any. */
  #voicePower = 0;
  #latePower = 0;

  /** The gain with which the last block ended. */
  get gainDb(): number {
    return this.#gainDb;
  }

  /** @param voice - 20 ms at 48 kHz, mono; scaled in place */
  process(voice: Float32Array): void {
    const power = meanSquare(voice);
    const levelDbov = dbovOfMeanSquare(power);
    const isSpeech = this.#isSpeech(levelDbov);
    this.#measure(power, isSpeech);
    const before = this.#gain;
    this.#move(this.#isTooLoud(power) ? LEAST_GAIN_DB : this.#wantedDb, isSpeech);
    scale(voice, before, this.#gain);
  }

  #isSpeech(levelDbov: number): boolean {
    const aboveNoise = this.#noise.update(levelDbov) + ABOVE_NOISE_DB;
    return (
      levelDbov > Math.max(SOFTEST_DBOV, aboveNoise, dbovOfMeanSquare(this.#voicePower) - BELOW_VOICE_DB)
    );
  }

  #measure(power: number, isSpeech: boolean): void {
    if (isSpeech) {
      this.#speechBlocks += 1;
      this.#speechPower += power;
    }
    this.#blocks += 1;
    if (this.#blocks < WINDOW_BLOCKS) return;
    if (this.#speechBlocks < LEAST_SPEECH_BLOCKS) this.#voicePower *= FORGET;
    else if (!this.#isFirstWindow) this.#learn(this.#speechPower / this.#speechBlocks);
    this.#isFirstWindow = false;
    this.#blocks = 0;
    this.#speechBlocks = 0;
    this.#speechPower = 0;
  }

  #learn(speechPower: number): void {
    const share = this.#voicePower === 0 ? 1 : APPROACH;
    this.#voicePower += share * (speechPower - this.#voicePower);
    const wanted = SPEECH_TARGET_DBOV - dbovOfMeanSquare(this.#voicePower);
    this.#wantedDb = clamp(wanted, LEAST_GAIN_DB, MOST_GAIN_DB);
  }

  #isTooLoud(power: number): boolean {
    this.#latePower += 0.5 * (power - this.#latePower);
    return dbovOfMeanSquare(this.#latePower) + this.#gainDb > SPEECH_TARGET_DBOV + LOUDEST_SYLLABLE_DB;
  }

  #move(towardsDb: number, isSpeech: boolean): void {
    const most = this.#gainDb + (isSpeech ? UP_DB : 0);
    const next = clamp(towardsDb, this.#gainDb - DOWN_DB, most);
    if (next === this.#gainDb) return;
    this.#gainDb = next;
    this.#gain = factorOfDb(next);
  }
}
