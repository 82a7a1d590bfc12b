// Tones and levels, to prove who hears whom. 0 dBov is the power of a full-scale square wave, as in RFC 6465.

/** What silence reads: the lowest level of RFC 6465. */
export const SILENCE_DBOV = -127;

const OVERLOAD = 32_768;

/**
 * Level of the samples as a whole.
 *
 * @param samples - 16 bit linear; with several channels, all of them together
 * @returns from {@link SILENCE_DBOV} to 0; a full-scale sine reads -3
 */
export function levelDbov(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return dbovOfPower(samples.length === 0 ? 0 : sum / samples.length);
}

/**
 * Level of one frequency (Goertzel). It sees about `clockRateHz / samples.length` Hz to either side.
 *
 * @param samples - 16 bit linear, mono
 * @returns as {@link levelDbov}: for a pure tone both agree
 */
export function toneLevelDbov(
  samples: Int16Array,
  options: { readonly frequencyHz: number; readonly clockRateHz: number },
): number {
  if (samples.length === 0) return SILENCE_DBOV;
  const step = (2 * Math.PI * options.frequencyHz) / options.clockRateHz;
  const factor = 2 * Math.cos(step);
  let last = 0;
  let beforeLast = 0;
  for (const sample of samples) {
    const next = sample + factor * last - beforeLast;
    beforeLast = last;
    last = next;
  }
  const energy = last * last + beforeLast * beforeLast - factor * last * beforeLast;
  // A sine of amplitude A has |X| = A N / 2, so its power A² / 2 is 2 |X|² / N².
  return dbovOfPower((2 * energy) / samples.length ** 2);
}

/**
 * What is left when the best-fitting tones of these frequencies are taken out: clicks, noise, whatever nobody sent.
 *
 * @param samples - mono; so short that no tone changes within them
 */
export function residualDbov(
  samples: Int16Array,
  options: { readonly frequenciesHz: readonly number[]; readonly clockRateHz: number },
): number {
  const waves = options.frequenciesHz.flatMap((frequencyHz) => {
    const step = (2 * Math.PI * frequencyHz) / options.clockRateHz;
    return [Math.sin, Math.cos].map((wave) => Float64Array.from(samples, (_, i) => wave(step * i)));
  });
  // Least squares by Gram-Schmidt: each wave is made to stand upright on those before, and taken out of the rest.
  const rest = Float64Array.from(samples);
  const upright: Float64Array[] = [];
  for (const wave of waves) {
    for (const other of upright) subtract(wave, other, dot(wave, other) / dot(other, other));
    subtract(rest, wave, dot(rest, wave) / dot(wave, wave));
    upright.push(wave);
  }
  return dbovOfPower(samples.length === 0 ? 0 : dot(rest, rest) / samples.length);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function subtract(from: Float64Array, wave: Float64Array, times: number): void {
  for (let i = 0; i < from.length; i += 1) from[i] = (from[i] ?? 0) - times * (wave[i] ?? 0);
}

/**
 * A sine.
 *
 * @param options.levelDbov - at most -3.01, where it is full scale
 * @returns fresh samples, mono
 */
export function makeTone(options: {
  readonly frequencyHz: number;
  readonly clockRateHz: number;
  readonly durationMs: number;
  readonly levelDbov?: number;
}): Int16Array {
  const { frequencyHz, clockRateHz, durationMs, levelDbov: level = -20 } = options;
  const amplitude = Math.min(OVERLOAD - 1, OVERLOAD * Math.SQRT2 * 10 ** (level / 20));
  const step = (2 * Math.PI * frequencyHz) / clockRateHz;
  const pcm = new Int16Array(Math.round((durationMs * clockRateHz) / 1000));
  for (let i = 0; i < pcm.length; i += 1) pcm[i] = Math.round(amplitude * Math.sin(step * i));
  return pcm;
}

function dbovOfPower(power: number): number {
  return power <= 0 ? SILENCE_DBOV : Math.max(SILENCE_DBOV, 10 * Math.log10(power / OVERLOAD ** 2));
}
