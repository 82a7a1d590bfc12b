// The header of a WAV file that may outgrow 4 GiB: RIFF until then, RF64 (EBU Tech 3306) from then on.
//
// | "RIFF" size "WAVE" | "JUNK" 28 ...                                   | "fmt " ... | "data" size |
// | "RF64" -1   "WAVE" | "ds64" 28 riff size (8) data size (8) frames (8) 0 (4) | "fmt " ... | "data" -1   |
import type { Sound } from './types.ts';
import { encodeWavHeader, LARGEST_WAV_DATA_BYTES, WAV_HEADER_BYTES } from './wav-writer.ts';

const RIFF_BYTES = 12;
const RESERVED_BYTES = 28;
const CHUNK_HEAD_BYTES = 8;

export const LONG_WAV_HEADER_BYTES = WAV_HEADER_BYTES + CHUNK_HEAD_BYTES + RESERVED_BYTES;
/** What the sizes of RIFF can tell of sound behind such a header. */
export const LARGEST_RIFF_DATA_BYTES = LARGEST_WAV_DATA_BYTES - CHUNK_HEAD_BYTES - RESERVED_BYTES;

/**
 * The header of a file of 16-bit PCM of any length; it is always of the same length, so that it can be written anew.
 *
 * @param dataBytes - length of the sound that follows
 */
export function encodeLongWavHeader(format: Omit<Sound, 'pcm'>, dataBytes: number): Uint8Array {
  const isRiff = dataBytes <= LARGEST_RIFF_DATA_BYTES;
  const short = encodeWavHeader(format, isRiff ? dataBytes : 0);
  const header = new Uint8Array(LONG_WAV_HEADER_BYTES);
  const view = new DataView(header.buffer);
  header.set(short.subarray(0, RIFF_BYTES));
  header.set(short.subarray(RIFF_BYTES), RIFF_BYTES + CHUNK_HEAD_BYTES + RESERVED_BYTES);
  writeText(header, RIFF_BYTES, isRiff ? 'JUNK' : 'ds64');
  view.setUint32(RIFF_BYTES + 4, RESERVED_BYTES, true);
  const riffBytes = LONG_WAV_HEADER_BYTES - CHUNK_HEAD_BYTES + dataBytes;
  if (isRiff) {
    view.setUint32(4, riffBytes, true);
    return header;
  }
  writeText(header, 0, 'RF64');
  view.setUint32(4, 0xffff_ffff, true);
  view.setUint32(LONG_WAV_HEADER_BYTES - 4, 0xffff_ffff, true);
  view.setBigUint64(RIFF_BYTES + CHUNK_HEAD_BYTES, BigInt(riffBytes), true);
  view.setBigUint64(RIFF_BYTES + CHUNK_HEAD_BYTES + 8, BigInt(dataBytes), true);
  view.setBigUint64(RIFF_BYTES + CHUNK_HEAD_BYTES + 16, BigInt(dataBytes / (2 * format.channels)), true);
  return header;
}

function writeText(bytes: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i += 1) bytes[at + i] = text.charCodeAt(i);
}
