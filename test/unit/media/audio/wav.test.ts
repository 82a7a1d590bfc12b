import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../core/index.ts';
import { encodeWav, encodeWavHeader, parseWav, remix } from '../../../../media/audio/index.ts';

interface Parts {
  readonly tag?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly bits?: number;
  readonly data?: Uint8Array;
  readonly dataSize?: number;
  readonly before?: Uint8Array;
}

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const le = (value: number, bytes: number) =>
  Uint8Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) & 0xff);
const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const chunk = (tag: string, data: Uint8Array, size = data.length) => join(ascii(tag), le(size, 4), data);

function wav(parts: Parts = {}): Uint8Array {
  const { tag = 1, channels = 1, rate = 8000, bits = 16, data = Uint8Array.of(1, 0, 2, 0) } = parts;
  const frame = (channels * bits) / 8;
  const format = join(
    le(tag, 2),
    le(channels, 2),
    le(rate, 4),
    le(rate * frame, 4),
    le(frame, 2),
    le(bits, 2),
  );
  return join(
    ascii('RIFF'),
    le(0, 4),
    ascii('WAVE'),
    parts.before ?? new Uint8Array(),
    chunk('fmt ', format),
    chunk('data', data, parts.dataSize ?? data.length),
  );
}

const floats = (...values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);
const doubles = (...values: readonly number[]) => new Uint8Array(Float64Array.from(values).buffer);

describe('parseWav()', () => {
  it.each([
    { name: '16 bits', file: wav(), pcm: [1, 2] },
    {
      name: '8 bits, unsigned',
      file: wav({ bits: 8, data: Uint8Array.of(0, 128, 255) }),
      pcm: [-32_768, 0, 32_512],
    },
    { name: '24 bits', file: wav({ bits: 24, data: Uint8Array.of(9, 1, 0, 9, 0xff, 0xff) }), pcm: [1, -1] },
    { name: '32 bits', file: wav({ bits: 32, data: Uint8Array.of(9, 9, 1, 0) }), pcm: [1] },
    {
      name: 'float, clipped where it is over full scale',
      file: wav({ tag: 3, bits: 32, data: floats(0.5, -1, 1.5, Number.NaN) }),
      pcm: [16_384, -32_768, 32_767, 0],
    },
    { name: 'double', file: wav({ tag: 3, bits: 64, data: doubles(0.25) }), pcm: [8192] },
    { name: 'mu-law', file: wav({ tag: 7, bits: 8, data: Uint8Array.of(0xff, 0x80) }), pcm: [0, 32_124] },
    { name: 'A-law', file: wav({ tag: 6, bits: 8, data: Uint8Array.of(0xd5, 0x55) }), pcm: [8, -8] },
    {
      name: 'a chunk of odd length before',
      file: wav({ before: join(chunk('LIST', Uint8Array.of(7)), le(0, 1)) }),
      pcm: [1, 2],
    },
    { name: 'a stream with size 0', file: wav({ dataSize: 0 }), pcm: [1, 2] },
    { name: 'a stream with size 2^32 - 1', file: wav({ dataSize: 0xffff_ffff }), pcm: [1, 2] },
    {
      name: 'a file cut within a frame',
      file: wav({ data: Uint8Array.of(1, 0, 2), dataSize: 400 }),
      pcm: [1],
    },
  ])('reads $name', ({ file, pcm }) => {
    const sound = parseWav(file, 'x.wav');
    expect([...sound.pcm]).toEqual(pcm);
    expect(sound.sampleRateHz).toBe(8000);
  });

  it('reads WAVE_FORMAT_EXTENSIBLE', () => {
    const format = join(
      le(0xfffe, 2),
      le(2, 2),
      le(44_100, 4),
      le(176_400, 4),
      le(4, 2),
      le(16, 2),
      le(22, 2),
      le(16, 2),
      le(3, 4),
      le(1, 2),
      new Uint8Array(14),
    );
    const file = join(
      ascii('RIFF'),
      le(0, 4),
      ascii('WAVE'),
      chunk('fmt ', format),
      chunk('data', Uint8Array.of(2, 0, 4, 0)),
    );
    const sound = parseWav(file, 'x.wav');
    expect(sound).toEqual({ sampleRateHz: 44_100, channels: 2, pcm: Int16Array.of(2, 4) });
    expect([...remix(sound.pcm, sound.channels, 1)]).toEqual([3]);
  });

  it.each([
    { name: 'an empty file', file: new Uint8Array(), says: 'is empty' },
    { name: 'another kind of file', file: ascii('ID3\x04....'), says: 'it begins with "ID3.", not "RIFF"' },
    {
      name: 'a file without format',
      file: join(ascii('RIFF....WAVE'), chunk('data', Uint8Array.of(1, 2))),
      says: 'no format',
    },
    { name: 'a file without sound', file: wav({ data: new Uint8Array() }), says: 'no sound' },
    { name: 'a header alone', file: wav().subarray(0, 36), says: 'no sound' },
    { name: 'ADPCM', file: wav({ tag: 2, bits: 4 }), says: 'format tag 2' },
    { name: '12 bits', file: wav({ bits: 12 }), says: '12 bits' },
    { name: 'no channels', file: wav({ channels: 0 }), says: '0 channels' },
    { name: 'a rate of 0', file: wav({ rate: 0 }), says: 'sample rate of 0 Hz' },
  ])('says what is wrong with $name and how to mend it', ({ file, says }) => {
    const parse = () => parseWav(file, '--play x.wav');
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(says);
    expect(parse).toThrow(/^--play x\.wav: .*sox in\.wav -b 16/);
  });

  it('never throws anything else, whatever is cut or flipped', () => {
    const file = wav({ before: chunk('LIST', Uint8Array.of(7, 7)) });
    const tries = [...file.keys()].flatMap((i) => {
      const flipped = file.slice();
      flipped[i] = (flipped[i] ?? 0) ^ 0xff;
      return [file.subarray(0, i), flipped];
    });
    for (const bytes of tries) {
      try {
        parseWav(bytes, 'x.wav');
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
      }
    }
  });
});

describe('encodeWav()', () => {
  it('is read back as it was', () => {
    const sound = { sampleRateHz: 48_000, channels: 2, pcm: Int16Array.of(-32_768, 32_767, 0, -1) };
    expect(parseWav(encodeWav(sound), 'x.wav')).toEqual(sound);
  });

  it('writes sizes that fit into 32 bits however long the recording is', () => {
    const header = encodeWavHeader({ sampleRateHz: 8000, channels: 1 }, 2 ** 33);
    expect(new DataView(header.buffer).getUint32(4, true)).toBe(0xffff_ffff - 8);
  });
});

const speech = resolve(
  process.env.PATCHCORD_DATA ?? resolve(import.meta.dirname, '../../../../../shared/data'),
  'speech',
);

it.skipIf(!existsSync(speech))(
  'reads the speech recordings at all their rates (skipped without the data)',
  () => {
    const rates = ['8', '11', '16', '22', '32', '44', '48'].map((name) => {
      const sound = parseWav(readFileSync(resolve(speech, `pjsua/input.${name}.wav`)), name);
      return [sound.sampleRateHz, sound.channels, sound.pcm.length > sound.sampleRateHz / 2];
    });
    expect(rates.map(([rate]) => rate)).toEqual([8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000]);
    expect(rates.every(([, channels, isLong]) => channels === 1 && isLong)).toBe(true);
  },
);
