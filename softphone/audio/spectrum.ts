// Power over frequency of a short piece of sound.

/**
 * Powers of one windowed block.
 *
 * @param block - any length up to `size`; the rest is filled with zeros
 * @param size - of the transform, a power of two
 * @returns `size / 2 + 1` powers, from 0 Hz to half the sampling rate, in squared sample steps
 */
export function powerSpectrum(block: Int16Array, size: number): Float64Array {
  const window = hannWindow(block.length);
  const real = new Float64Array(size);
  for (let i = 0; i < block.length; i += 1) real[i] = (block[i] ?? 0) * (window[i] ?? 0);
  const imaginary = new Float64Array(size);
  transform(real, imaginary);
  const powers = new Float64Array(size / 2 + 1);
  for (let k = 0; k < powers.length; k += 1) {
    powers[k] = ((real[k] ?? 0) ** 2 + (imaginary[k] ?? 0) ** 2) / block.length;
  }
  return powers;
}

const windows = new Map<number, Float64Array>();

function hannWindow(length: number): Float64Array {
  const known = windows.get(length);
  if (known) return known;
  const made = Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / length));
  windows.set(length, made);
  return made;
}

/** Fast Fourier transform in place, radix 2. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  for (let i = 1, j = 0; i < n; i += 1) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [real[i], real[j]] = [real[j] ?? 0, real[i] ?? 0];
  }
  const { cosines, sines } = turnsOf(n);
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    const stride = n / size;
    for (let start = 0; start < n; start += size) {
      for (let k = 0; k < half; k += 1) {
        const at = start + k;
        // All indices are within the arrays by the bounds of the three loops.
        const [cos, sin] = [cosines[k * stride]!, sines[k * stride]!];
        const re = real[at + half]! * cos - imaginary[at + half]! * sin;
        const im = real[at + half]! * sin + imaginary[at + half]! * cos;
        real[at + half] = real[at]! - re;
        imaginary[at + half] = imaginary[at]! - im;
        real[at] = real[at]! + re;
        imaginary[at] = imaginary[at]! + im;
      }
    }
  }
}

/** The first half of a turn in `n` steps, clockwise. */
interface Turns {
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

const turns = new Map<number, Turns>();

function turnsOf(n: number): Turns {
  const known = turns.get(n);
  if (known) return known;
  const along = (wave: (angle: number) => number) =>
    Float64Array.from({ length: n / 2 }, (_, k) => wave((-2 * Math.PI * k) / n));
  const made = { cosines: along(Math.cos), sines: along(Math.sin) };
  turns.set(n, made);
  return made;
}
