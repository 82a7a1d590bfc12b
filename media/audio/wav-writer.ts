// Writes WAV files of 16-bit PCM.
import type { Sound } from './types.ts';

export const WAV_HEADER_BYTES = 44;
/** The sizes in the header have 32 bits. */
export const LARGEST_WAV_DATA_BYTES = 0xffff_ffff - WAV_HEADER_BYTES;

/**
 * The header of a file of 16-bit PCM.
 *
 * @param dataBytes - length of the sound that follows
 */
export function encodeWavHeader(format: Omit<Sound, 'pcm'>, dataBytes: number): Uint8Array {
  const size = Math.min(dataBytes, LARGEST_WAV_DATA_BYTES);
  const header = new Uint8Array(WAV_HEADER_BYTES);
  const view = new DataView(header.buffer);
  const frameBytes = 2 * format.channels;
  writeTag(header, 0, 'RIFF');
  view.setUint32(4, WAV_HEADER_BYTES - 8 + size, true);
  writeTag(header, 8, 'WAVE');
  writeTag(header, 12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // WAVE_FORMAT_PCM
  view.setUint16(22, format.channels, true);
  view.setUint32(24, format.sampleRateHz, true);
  view.setUint32(28, format.sampleRateHz * frameBytes, true);
  view.setUint16(32, frameBytes, true);
  view.setUint16(34, 16, true);
  writeTag(header, 36, 'data');
  view.setUint32(40, size, true);
  return header;
}

/** Sound as the bytes of a file or stream: little endian, 16 bits. */
export function encodePcm(pcm: Int16Array): Uint8Array {
  const bytes = new Uint8Array(2 * pcm.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < pcm.length; i += 1) view.setInt16(2 * i, pcm[i] ?? 0, true);
  return bytes;
}

/** A whole file. */
export function encodeWav(sound: Sound): Uint8Array {
  const file = new Uint8Array(WAV_HEADER_BYTES + 2 * sound.pcm.length);
  file.set(encodeWavHeader(sound, 2 * sound.pcm.length));
  file.set(encodePcm(sound.pcm), WAV_HEADER_BYTES);
  return file;
}

function writeTag(bytes: Uint8Array, at: number, tag: string): void {
  for (let i = 0; i < tag.length; i += 1) bytes[at + i] = tag.charCodeAt(i);
}
