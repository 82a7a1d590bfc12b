// Comfort noise (RFC 3389): the level of a silence and the colour of its noise, measured, sent, and played.
//
// |0| level (7) | reflection coefficient 1 (8) | 2 (8) | ... | M (8) |
import { DecodeError } from '../../core/index.ts';

/** A background noise. */
export interface ComfortNoise {
  /** RFC 3389 §3.1: from -127 to 0; 0 dBov is a square wave of full scale. */
  readonly levelDbov: number;
  /**
   * Reflection coefficients of the all-pole filter that colours it, each within ±1 (§3.2): the first is negative
   * where low frequencies prevail. Empty for white noise.
   */
  readonly reflection: readonly number[];
}

const OVERLOAD = 32_768;
const SILENCE_DBOV = -127;
/** §3.2: coefficients are coded in steps of 258/32768 around 127; 255 is not used. */
const STEP = 258 / 32_768;
const MIDDLE = 127;
/** §3: a receiver may cut the model. G.711 appendix II has ten coefficients; 24 do for 48 kHz. */
const MAX_ORDER = 24;
/** Of what we measure: enough for the slope of a room's noise. */
const DEFAULT_ORDER = 8;

/** @returns a payload; the caller's */
export function encodeComfortNoise({ levelDbov, reflection }: ComfortNoise): Uint8Array {
  const level = Math.round(Math.max(0, Math.min(-SILENCE_DBOV, -levelDbov)));
  const codes = reflection.map((k) => Math.max(0, Math.min(2 * MIDDLE, Math.round(k / STEP) + MIDDLE)));
  return Uint8Array.of(level, ...codes);
}

/** @returns at most 24 coefficients, whatever the payload has */
export function decodeComfortNoise(payload: Uint8Array): ComfortNoise | DecodeError {
  const [level, ...codes] = payload.subarray(0, 1 + MAX_ORDER);
  if (level === undefined) return new DecodeError('CN_EMPTY', 'payload', 'comfort noise has no level', 0);
  if (level > -SILENCE_DBOV) {
    return new DecodeError('CN_LEVEL', 'payload', `the level is ${level}, and should be 127 at most`, 0);
  }
  const unused = codes.indexOf(255);
  if (unused >= 0) {
    return new DecodeError(
      'CN_COEFFICIENT',
      'payload',
      'a coefficient is 255, which none can be',
      1 + unused,
    );
  }
  return { levelDbov: 0 - level, reflection: codes.map((code) => (code - MIDDLE) * STEP) };
}

/**
 * Measures a noise.
 *
 * @param pcm - mono, 10 ms or more of nothing but noise
 * @param order - coefficients wanted; 0 for the level alone
 */
export function measureNoise(pcm: Int16Array, order = DEFAULT_ORDER): ComfortNoise {
  const correlation = autocorrelation(pcm, order);
  const power = (correlation[0] ?? 0) / Math.max(1, pcm.length);
  const levelDbov = power > 0 ? Math.max(SILENCE_DBOV, 10 * Math.log10(power / OVERLOAD ** 2)) : SILENCE_DBOV;
  return { levelDbov, reflection: reflectionOf(correlation) };
}

function autocorrelation(pcm: Int16Array, order: number): readonly number[] {
  return Array.from({ length: order + 1 }, (_, lag) => {
    let sum = 0;
    // Both indices are within the sound by the loop.
    for (let i = lag; i < pcm.length; i += 1) sum += pcm[i]! * pcm[i - lag]!;
    return sum;
  });
}

/** The recursion of Levinson and Durbin. */
function reflectionOf(correlation: readonly number[]): readonly number[] {
  let error = correlation[0] ?? 0;
  let predictor: readonly number[] = [];
  return correlation.slice(1).map((next, m) => {
    if (error <= 0) return 0;
    const known = predictor.reduce((sum, a, i) => sum + a * (correlation[m - i] ?? 0), next);
    const k = -known / error;
    predictor = [...predictor.map((a, i) => a + k * (predictor[m - 1 - i] ?? 0)), k];
    error *= 1 - k * k;
    return k;
  });
}

/** Level and colour follow a change in steps of so many samples, each a quarter of the way. */
const BLOCK = 80;
const APPROACH = 0.25;

/** Plays a noise, without a seam where it changes. Its noise comes from a seed: no two streams need to differ. */
export class ComfortNoiseGenerator {
  #seed: number;
  #target: ComfortNoise | undefined;
  #amplitude = 0;
  readonly #reflection = new Float64Array(MAX_ORDER);
  /** The backward waves of the lattice filter, one a coefficient. */
  readonly #waves = new Float64Array(MAX_ORDER);

  /** @param seed - 32 bits */
  constructor(seed = 1) {
    this.#seed = seed;
  }

  /** Plays another noise from here on: the first at once, a further one by and by. */
  update(noise: ComfortNoise): void {
    const isFirst = this.#target === undefined;
    this.#target = noise;
    if (isFirst) this.#approach(1);
  }

  /** Silence before the first {@link ComfortNoiseGenerator.update}. @returns the caller's, mono at whatever rate */
  generate(sampleCount: number): Int16Array {
    const pcm = new Int16Array(sampleCount);
    for (let start = 0; start < sampleCount; start += BLOCK) {
      this.#approach(APPROACH);
      const excitation = this.#amplitude * this.#filterLoss();
      const end = Math.min(sampleCount, start + BLOCK);
      for (let i = start; i < end; i += 1) {
        const sample = this.#coloured(excitation * this.#white());
        pcm[i] = Math.max(-OVERLOAD, Math.min(OVERLOAD - 1, Math.round(sample)));
      }
    }
    return pcm;
  }

  #approach(share: number): void {
    if (!this.#target) return;
    const { levelDbov, reflection } = this.#target;
    const amplitude = levelDbov <= SILENCE_DBOV ? 0 : OVERLOAD * 10 ** (levelDbov / 20);
    this.#amplitude += share * (amplitude - this.#amplitude);
    for (let m = 0; m < MAX_ORDER; m += 1) {
      // Within the array by the loop.
      this.#reflection[m]! += share * ((reflection[m] ?? 0) - this.#reflection[m]!);
    }
  }

  /** What the excitation must have for one of the output, which the filter makes louder. */
  #filterLoss(): number {
    return Math.sqrt(this.#reflection.reduce((product, k) => product * (1 - k * k), 1));
  }

  /** Uniform, of power 1. */
  #white(): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) | 0;
    return (this.#seed / 2 ** 31) * Math.sqrt(3);
  }

  /** The lattice form of the all-pole filter: stable for any coefficients within ±1, while they change as well. */
  #coloured(excitation: number): number {
    let forward = excitation;
    // All indices are within both arrays by the loop.
    for (let m = MAX_ORDER - 1; m >= 0; m -= 1) {
      const k = this.#reflection[m]!;
      const wave = this.#waves[m]!;
      forward -= k * wave;
      if (m + 1 < MAX_ORDER) this.#waves[m + 1] = wave + k * forward;
    }
    this.#waves[0] = forward;
    return forward;
  }
}
