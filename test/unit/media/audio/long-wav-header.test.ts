import { describe, expect, it } from 'vitest';
import {
  encodeLongWavHeader,
  LARGEST_RIFF_DATA_BYTES,
  LONG_WAV_HEADER_BYTES,
  parseWav,
} from '../../../../media/audio/index.ts';

const FORMAT = { sampleRateHz: 48_000, channels: 2 };

function fieldsOf(dataBytes: number) {
  const header = encodeLongWavHeader(FORMAT, dataBytes);
  const view = new DataView(header.buffer);
  const tag = (at: number) => String.fromCharCode(...header.subarray(at, at + 4));
  return { header, view, tags: [0, 8, 12, 48, 72].map(tag) };
}

describe('encodeLongWavHeader()', () => {
  it('is RIFF with room kept free, as long as its sizes suffice', () => {
    const { header, view, tags } = fieldsOf(LARGEST_RIFF_DATA_BYTES);
    expect(header).toHaveLength(LONG_WAV_HEADER_BYTES);
    expect(tags).toEqual(['RIFF', 'WAVE', 'JUNK', 'fmt ', 'data']);
    expect(view.getUint32(4, true)).toBe(0xffff_ffff - 8);
    expect(view.getUint32(76, true)).toBe(LARGEST_RIFF_DATA_BYTES);
  });

  it('becomes RF64 past that, in the same bytes (EBU Tech 3306)', () => {
    const dataBytes = 6 * 2 ** 30;
    const { header, view, tags } = fieldsOf(dataBytes);
    expect(header).toHaveLength(LONG_WAV_HEADER_BYTES);
    expect(tags).toEqual(['RF64', 'WAVE', 'ds64', 'fmt ', 'data']);
    expect([view.getUint32(4, true), view.getUint32(76, true)]).toEqual([0xffff_ffff, 0xffff_ffff]);
    expect(view.getBigUint64(20, true)).toBe(BigInt(dataBytes + LONG_WAV_HEADER_BYTES - 8));
    expect(view.getBigUint64(28, true)).toBe(BigInt(dataBytes));
    expect(view.getBigUint64(36, true)).toBe(BigInt(dataBytes / 4));
  });

  it.each([100, 6 * 2 ** 30])(
    'is read by our reader, which takes what is there, of %i bytes',
    (dataBytes) => {
      const file = new Uint8Array(LONG_WAV_HEADER_BYTES + 100);
      file.set(encodeLongWavHeader(FORMAT, dataBytes));
      expect(parseWav(file, 'x.wav')).toMatchObject({ ...FORMAT, pcm: new Int16Array(50) });
    },
  );
});
