// Reads WAV files (RIFF, WAVE_FORMAT_PCM, IEEE_FLOAT, ALAW, MULAW, EXTENSIBLE).
import { UsageError } from '../../core/index.ts';
import { aLaw, decodeG711, muLaw } from '../codec/g711.ts';
import type { Sound } from './types.ts';

type Encoding = 'pcm' | 'float' | 'alaw' | 'mulaw';

interface Format {
  readonly encoding: Encoding;
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly bits: number;
}

const FORMAT_TAGS: Readonly<Record<number, Encoding>> = { 1: 'pcm', 3: 'float', 6: 'alaw', 7: 'mulaw' };
const TAG_EXTENSIBLE = 0xfffe;
const BITS: Readonly<Record<Encoding, readonly number[]>> = {
  pcm: [8, 16, 24, 32],
  float: [32, 64],
  alaw: [8],
  mulaw: [8],
};
const LARGEST_CHANNELS = 32;
const SMALLEST_RATE_HZ = 1000;
const LARGEST_RATE_HZ = 384_000;

/**
 * The sound of a WAV file, as 16 bits.
 *
 * @param place - what the file is called in an error: `--play greeting.wav`
 * @throws UsageError that says what is wrong with the file and how to mend it
 */
export function parseWav(bytes: Uint8Array, place: string): Sound {
  const file = new WavFile(bytes, place);
  const format = file.format();
  return {
    sampleRateHz: format.sampleRateHz,
    channels: format.channels,
    pcm: samplesOf(file.data(format), format),
  };
}

class WavFile {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #place: string;
  readonly #chunks = new Map<string, { readonly start: number; readonly end: number }>();

  constructor(bytes: Uint8Array, place: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#place = place;
    if (bytes.length === 0) throw this.#bad('is empty');
    // RF64 is RIFF of more than 4 GiB (EBU Tech 3306): its sound goes to the end of the file.
    const isWav = this.#tag(0) === 'RIFF' || this.#tag(0) === 'RF64';
    if (!isWav || this.#tag(8) !== 'WAVE') {
      throw this.#bad(`is not a WAV file: it begins with "${printable(bytes.subarray(0, 4))}", not "RIFF"`);
    }
    this.#readChunks();
  }

  format(): Format {
    const chunk = this.#chunks.get('fmt ');
    if (!chunk || chunk.end - chunk.start < 16) throw this.#bad('has no format ("fmt " chunk)');
    const start = chunk.start;
    let tag = this.#view.getUint16(start, true);
    // The real tag of WAVE_FORMAT_EXTENSIBLE is the start of its GUID.
    if (tag === TAG_EXTENSIBLE && chunk.end - start >= 40) tag = this.#view.getUint16(start + 24, true);
    const format = {
      encoding: FORMAT_TAGS[tag],
      channels: this.#view.getUint16(start + 2, true),
      sampleRateHz: this.#view.getUint32(start + 4, true),
      bits: this.#view.getUint16(start + 14, true),
    };
    if (!format.encoding) throw this.#bad(`is compressed in a way that is not read here (format tag ${tag})`);
    this.#check(format.encoding, format);
    return { ...format, encoding: format.encoding };
  }

  data(format: Format): Uint8Array {
    const chunk = this.#chunks.get('data');
    if (!chunk) throw this.#bad('has no sound ("data" chunk)');
    const frameBytes = (format.channels * format.bits) / 8;
    // A recorder that was killed leaves a frame cut in two: its rest is dropped.
    const length = Math.floor((chunk.end - chunk.start) / frameBytes) * frameBytes;
    if (length === 0) throw this.#bad('has no sound: its "data" chunk is empty');
    return this.#bytes.subarray(chunk.start, chunk.start + length);
  }

  #check(encoding: Encoding, format: Omit<Format, 'encoding'>): void {
    if (!BITS[encoding].includes(format.bits)) {
      throw this.#bad(`has ${format.bits} bits a sample, which is not read here`);
    }
    if (format.channels < 1 || format.channels > LARGEST_CHANNELS) {
      throw this.#bad(`has ${format.channels} channels, not 1 to ${LARGEST_CHANNELS}`);
    }
    if (format.sampleRateHz < SMALLEST_RATE_HZ || format.sampleRateHz > LARGEST_RATE_HZ) {
      throw this.#bad(
        `has a sample rate of ${format.sampleRateHz} Hz, not ${SMALLEST_RATE_HZ} to ${LARGEST_RATE_HZ}`,
      );
    }
  }

  #readChunks(): void {
    let at = 12;
    while (at + 8 <= this.#bytes.length) {
      const tag = this.#tag(at);
      const start = at + 8;
      const size = this.#view.getUint32(at + 4, true);
      // Streams are written with a size of 0 or 2^32 - 1: then the sound goes on to the end of the file.
      const isOpen = tag === 'data' && (size === 0 || start + size > this.#bytes.length);
      const end = isOpen ? this.#bytes.length : Math.min(start + size, this.#bytes.length);
      if (!this.#chunks.has(tag)) this.#chunks.set(tag, { start, end });
      if (isOpen) return;
      at = end + (size & 1);
    }
  }

  #tag(at: number): string {
    return at + 4 <= this.#bytes.length ? printable(this.#bytes.subarray(at, at + 4)) : '';
  }

  #bad(what: string): UsageError {
    return new UsageError(
      `${this.#place}: the file ${what}; make a readable one with "sox in.wav -b 16 -e signed out.wav"`,
    );
  }
}

function printable(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join(
    '',
  );
}

function samplesOf(data: Uint8Array, format: Format): Int16Array {
  if (format.encoding === 'alaw') return decodeG711(aLaw, data);
  if (format.encoding === 'mulaw') return decodeG711(muLaw, data);
  const read = sampleReader(new DataView(data.buffer, data.byteOffset, data.byteLength), format);
  const step = format.bits / 8;
  const pcm = new Int16Array(data.length / step);
  for (let i = 0; i < pcm.length; i += 1) pcm[i] = read(i * step);
  return pcm;
}

function sampleReader(view: DataView, format: Format): (at: number) => number {
  if (format.encoding === 'float') {
    return format.bits === 64
      ? (at) => fromFloat(view.getFloat64(at, true))
      : (at) => fromFloat(view.getFloat32(at, true));
  }
  switch (format.bits) {
    case 8: // Eight bits alone are unsigned.
      return (at) => (view.getUint8(at) - 128) << 8;
    case 24:
      return (at) => view.getInt16(at + 1, true);
    case 32:
      return (at) => view.getInt16(at + 2, true);
    default:
      return (at) => view.getInt16(at, true);
  }
}

function fromFloat(value: number): number {
  return Number.isNaN(value) ? 0 : Math.round(Math.max(-32_768, Math.min(32_767, value * 32_768)));
}
