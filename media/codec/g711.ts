// ITU-T G.711: the arithmetic of both laws, as tables.

/** 8-bit codes to linear sound and back; linear values are 16 bits wide. */
export interface G711Law {
  /** Linear value of each of the 256 codes. */
  readonly linear: Int16Array;
  /** Code of each linear value, under the index `value & 0xffff`. */
  readonly code: Uint8Array;
}

const MU_LAW_BIAS = 33;
const MU_LAW_LARGEST = 0x1fff;
const A_LAW_INVERTED = 0x55;

/** µ-law (PCMU): 14-bit magnitudes with a bias of 33. */
export const muLaw: G711Law = tabulate(expandMuLaw, compressMuLaw);

/** A-law (PCMA): 13-bit magnitudes, even bits inverted on the wire. */
export const aLaw: G711Law = tabulate(expandALaw, compressALaw);

export function encodeG711(law: G711Law, pcm: Int16Array): Uint8Array {
  const codes = new Uint8Array(pcm.length);
  // Both indices are within their arrays: i by the loop, the other by its mask.
  for (let i = 0; i < pcm.length; i += 1) codes[i] = law.code[pcm[i]! & 0xffff]!;
  return codes;
}

export function decodeG711(law: G711Law, codes: Uint8Array): Int16Array {
  const pcm = new Int16Array(codes.length);
  // Both indices are within their arrays: i by the loop, a byte by its size.
  for (let i = 0; i < codes.length; i += 1) pcm[i] = law.linear[codes[i]!]!;
  return pcm;
}

function tabulate(expand: (code: number) => number, compress: (linear: number) => number): G711Law {
  return {
    linear: Int16Array.from({ length: 256 }, (_, code) => expand(code)),
    code: Uint8Array.from({ length: 65_536 }, (_, index) => compress((index << 16) >> 16)),
  };
}

function compressMuLaw(linear: number): number {
  // One's complement keeps the two halves symmetrical: -1 falls into the same step as 0.
  const magnitude = Math.min(((linear < 0 ? ~linear : linear) >> 2) + MU_LAW_BIAS, MU_LAW_LARGEST);
  const segment = bitLength(magnitude >> 6) + 1;
  const code = ((8 - segment) << 4) | (15 - ((magnitude >> segment) & 15));
  return linear >= 0 ? code | 0x80 : code;
}

function expandMuLaw(code: number): number {
  const exponent = (~code >> 4) & 7;
  const mantissa = ~code & 15;
  const step = 8 << exponent;
  const magnitude = (128 << exponent) + step * mantissa + step / 2 - 4 * MU_LAW_BIAS;
  return code & 0x80 ? magnitude : -magnitude;
}

function compressALaw(linear: number): number {
  const magnitude = (linear < 0 ? ~linear : linear) >> 4;
  // Segments 0 and 1 share one step size; each further one doubles it.
  const exponent = bitLength(magnitude >> 4);
  const mantissa = exponent === 0 ? magnitude : (magnitude >> (exponent - 1)) - 16;
  const code = (exponent << 4) | mantissa;
  return (linear >= 0 ? code | 0x80 : code) ^ A_LAW_INVERTED;
}

function expandALaw(code: number): number {
  const plain = code ^ A_LAW_INVERTED;
  const exponent = (plain >> 4) & 7;
  const mantissa = ((((plain & 15) + (exponent > 0 ? 16 : 0)) << 4) + 8) << Math.max(0, exponent - 1);
  return plain & 0x80 ? mantissa : -mantissa;
}

function bitLength(value: number): number {
  return 32 - Math.clz32(value);
}
