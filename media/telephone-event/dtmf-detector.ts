// DTMF digits heard in sound (ITU-T Q.24), where the far end sends no telephone-events.
import { COLUMNS_HZ, KEYPAD, ROWS_HZ } from './dtmf-tones.ts';

/** The sound must have this rate: whoever has another resamples. */
export const DTMF_RATE_HZ = 8000;

/** 16 ms are looked at every 4 ms: so short that a tone of 40 ms fills several, so long that rows do not mix with columns. */
const WINDOW = 128;
const HOP = 32;
const HOP_MS = (HOP * 1000) / DTMF_RATE_HZ;

/** ITU-T Q.24 wants 1.5 % to be taken and 3.5 % to be refused. */
const LARGEST_OFFSET = 0.025;
/** The column against the row, as a ratio of powers: Q.24 wants +4 dB and -8 dB to be taken; half a decibel is ours. */
const LARGEST_TWIST = 10 ** (4.5 / 10);
const LEAST_TWIST = 10 ** (-8.5 / 10);
/** Share of the window's power that the two tones must have. Speech seldom has it, and then not for long. */
const LEAST_SHARE = 0.8;
/** Power of each tone, -36 dBm0; lines lose up to 25 dB. */
const LEAST_POWER = (32_768 * 10 ** ((-36 - 3.14) / 20)) ** 2 / 2;

/** ITU-T Q.24: 40 ms are taken, and seen in 7 hops at least; 23 ms are refused, and seen in 5 at most. */
const LEAST_HOPS = 6;
/** A gap of 10 ms does not end a digit, one of 40 ms does: no window that has any of it has the digit. */
const ENDING_HOPS = 7;
/** A tone that begins or ends is seen where about two thirds of the window have it. */
const UNSEEN_MS = 8;

const TWO_PI = 2 * Math.PI;
const TONES_HZ = [...ROWS_HZ, ...COLUMNS_HZ];
const RADIANS = Float64Array.from(TONES_HZ, (hz) => (TWO_PI * hz) / DTMF_RATE_HZ);
const COSINES = RADIANS.map(Math.cos);
const SINES = RADIANS.map(Math.sin);
/** Hamming: what is two bins away, the other group, is down by 43 dB. */
const HAMMING = Float64Array.from(
  { length: WINDOW },
  (_, i) => 0.54 - 0.46 * Math.cos((TWO_PI * (i + 0.5)) / WINDOW),
);
const HAMMING_SUM = HAMMING.reduce((sum, weight) => sum + weight, 0);
const HAMMING_POWER = HAMMING.reduce((sum, weight) => sum + weight ** 2, 0);

/** Tells each digit once, when it ends. Silence must follow the last one, or other sound. */
export class DtmfDetector {
  readonly #onDigit: (digit: string, durationMs: number) => void;
  /** The last samples, oldest first. */
  readonly #samples = new Float64Array(WINDOW);
  /** Samples that came since the last look. */
  #fresh = 0;
  readonly #weighted = new Float64Array(WINDOW);
  /** Of each tone: power, phase at the end of the window, and phase one hop before. */
  readonly #powers = new Float64Array(TONES_HZ.length);
  readonly #phases = new Float64Array(TONES_HZ.length);
  readonly #earlierPhases = new Float64Array(TONES_HZ.length);
  /** The key that sounds, an index into {@link KEYPAD}, or -1; hops with it, and hops without it since then. */
  #key = -1;
  #hops = 0;
  #absent = 0;

  /** @param onDigit - called within {@link DtmfDetector.handleSound}; the duration is true to about 4 ms */
  constructor(onDigit: (digit: string, durationMs: number) => void) {
    this.#onDigit = onDigit;
  }

  /** @param pcm - sound at {@link DTMF_RATE_HZ}, of any length; still the caller's after the call */
  handleSound(pcm: Int16Array): void {
    for (let at = 0; at < pcm.length; ) {
      const count = Math.min(HOP - this.#fresh, pcm.length - at);
      const place = WINDOW - HOP + this.#fresh;
      // Within both arrays: count is the least of what is left in each.
      for (let i = 0; i < count; i += 1) this.#samples[place + i] = pcm[at + i]!;
      this.#fresh += count;
      at += count;
      if (this.#fresh === HOP) this.#look();
    }
  }

  #look(): void {
    this.#follow(this.#keyHeard(this.#analyse()));
    this.#samples.copyWithin(0, HOP);
    this.#fresh = 0;
  }

  /** Powers and phases of all tones in this window. @returns power of everything in it */
  #analyse(): number {
    let total = 0;
    // The index is within all arrays of the window by the loop.
    for (let i = 0; i < WINDOW; i += 1) {
      const value = this.#samples[i]! * HAMMING[i]!;
      this.#weighted[i] = value;
      total += value * value;
    }
    this.#earlierPhases.set(this.#phases);
    for (let tone = 0; tone < TONES_HZ.length; tone += 1) this.#goertzel(tone);
    return total / HAMMING_POWER;
  }

  #goertzel(tone: number): void {
    // The tone is an index of TONES_HZ, and all tables are as long.
    const cosine = COSINES[tone]!;
    const factor = 2 * cosine;
    let last = 0;
    let beforeLast = 0;
    for (let i = 0; i < WINDOW; i += 1) {
      const next = this.#weighted[i]! + factor * last - beforeLast;
      beforeLast = last;
      last = next;
    }
    const real = last - beforeLast * cosine;
    const imaginary = beforeLast * SINES[tone]!;
    // A sine of amplitude A has |X| = A/2 times the window's sum, and the power A²/2.
    this.#powers[tone] = (2 * (real * real + imaginary * imaginary)) / HAMMING_SUM ** 2;
    this.#phases[tone] = Math.atan2(imaginary, real);
  }

  /** @returns index into {@link KEYPAD}, or -1 where this window has no digit */
  #keyHeard(total: number): number {
    const row = this.#loudest(0);
    const column = this.#loudest(ROWS_HZ.length);
    const rowPower = this.#powerAt(row);
    const columnPower = this.#powerAt(column);
    if (rowPower < LEAST_POWER || columnPower < LEAST_POWER) return -1;
    if (columnPower > rowPower * LARGEST_TWIST || columnPower < rowPower * LEAST_TWIST) return -1;
    if (rowPower + columnPower < total * LEAST_SHARE) return -1;
    return row * COLUMNS_HZ.length + column - ROWS_HZ.length;
  }

  /** Of the four tones from `first` on. */
  #loudest(first: number): number {
    let best = first;
    // Four tones from 0 or 4: within the eight.
    for (let tone = first + 1; tone < first + 4; tone += 1) {
      if (this.#powers[tone]! > this.#powers[best]!) best = tone;
    }
    return best;
  }

  /** Power at the frequency that is there, or 0 where that is too far from the tone's. */
  #powerAt(tone: number): number {
    // What the phase gained in one hop, beyond what the tone itself would gain, is the offset in frequency.
    const gained = this.#phases[tone]! - this.#earlierPhases[tone]! - RADIANS[tone]! * HOP;
    const offset = (gained - TWO_PI * Math.round(gained / TWO_PI)) / HOP;
    if (Math.abs(offset) > LARGEST_OFFSET * RADIANS[tone]!) return 0;
    return this.#powers[tone]! / hammingResponse(offset);
  }

  #follow(key: number): void {
    if (key === this.#key && key >= 0) {
      this.#hops += 1 + this.#absent;
      this.#absent = 0;
      return;
    }
    this.#absent += 1;
    if (key < 0 && this.#absent < ENDING_HOPS) return;
    this.#end();
    this.#key = key;
    this.#hops = 1;
    this.#absent = 0;
  }

  #end(): void {
    if (this.#key < 0 || this.#hops < LEAST_HOPS) return;
    this.#onDigit(KEYPAD.charAt(this.#key), this.#hops * HOP_MS + UNSEEN_MS);
  }
}

/** Power that the window has left of a tone that is off by so many radians a sample; near its middle a parabola. */
function hammingResponse(offset: number): number {
  const bins = (offset * WINDOW) / TWO_PI;
  return Math.max(0.2, 1 - 1.36 * bins * bins);
}
