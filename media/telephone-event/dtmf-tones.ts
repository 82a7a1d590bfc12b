// DTMF digits as sound (ITU-T Q.23), for far ends that take no telephone-events.
import { DIGITS } from './receiver.ts';

/** One row and one column of the keypad sound at a time. */
export const ROWS_HZ = [697, 770, 852, 941] as const;
export const COLUMNS_HZ = [1209, 1336, 1477, 1633] as const;

/** The keypad by row, a column each. */
export const KEYPAD = '123A456B789C*0#D';

/** −8 and −6 dBm0 (ITU-T G.711: a full-scale sine has +3.14 dBm0): the column is louder, for lines take more from it. */
const ROW_AMPLITUDE = 32_767 * 10 ** ((-8 - 3.14) / 20);
const COLUMN_AMPLITUDE = 32_767 * 10 ** ((-6 - 3.14) / 20);
/** Twice what ITU-T Q.24 lets a receiver ask for. */
const TONE_MS = 100;
const PAUSE_MS = 80;
/** A fade at both ends: a tone that begins at once clicks into every other frequency. */
const FADE_MS = 2;

/** Plays digits one after the other, as an audio source does. */
export class DtmfTones {
  readonly sampleRateHz: number;
  readonly #toneSamples: number;
  readonly #digitSamples: number;
  readonly #fadeSamples: number;
  #digits = '';
  /** Samples of the first digit that were given. */
  #position = 0;

  /** @param options.toneMs - length of each digit; its pause is 80 ms */
  constructor(sampleRateHz: number, { toneMs = TONE_MS }: { readonly toneMs?: number } = {}) {
    this.sampleRateHz = sampleRateHz;
    this.#toneSamples = Math.round((toneMs * sampleRateHz) / 1000);
    this.#digitSamples = this.#toneSamples + Math.round((PAUSE_MS * sampleRateHz) / 1000);
    this.#fadeSamples = (FADE_MS * sampleRateHz) / 1000;
  }

  /** Whether everything was given, the last pause as well; silence follows. */
  get isEnded(): boolean {
    return this.#digits.length === 0;
  }

  /** @returns how many of the characters are digits and were taken */
  push(digits: string): number {
    const taken = [...digits.toUpperCase()].filter((digit) => DIGITS.includes(digit)).join('');
    this.#digits += taken;
    return taken.length;
  }

  /** Fills the caller's buffer with what comes next. */
  read(pcm: Int16Array): void {
    let filled = 0;
    while (filled < pcm.length && !this.isEnded) {
      const count = Math.min(pcm.length - filled, this.#digitSamples - this.#position);
      this.#render(pcm.subarray(filled, filled + count));
      filled += count;
      this.#position += count;
      if (this.#position < this.#digitSamples) continue;
      this.#position = 0;
      this.#digits = this.#digits.slice(1);
    }
    pcm.fill(0, filled);
  }

  #render(pcm: Int16Array): void {
    const key = KEYPAD.indexOf(this.#digits.charAt(0));
    const row = (2 * Math.PI * (ROWS_HZ[key >> 2] ?? 0)) / this.sampleRateHz;
    const column = (2 * Math.PI * (COLUMNS_HZ[key & 3] ?? 0)) / this.sampleRateHz;
    for (let i = 0; i < pcm.length; i += 1) {
      const at = this.#position + i;
      const left = this.#toneSamples - at;
      const gain = Math.max(0, Math.min(1, at / this.#fadeSamples, left / this.#fadeSamples));
      pcm[i] = Math.round(
        gain * (ROW_AMPLITUDE * Math.sin(row * at) + COLUMN_AMPLITUDE * Math.sin(column * at)),
      );
    }
  }
}
