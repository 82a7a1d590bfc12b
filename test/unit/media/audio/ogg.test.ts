import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { decodeOggPage, encodeOggPage, type OggPage, readOggOpus } from '../../../../media/audio/index.ts';

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const packet = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 0xff);

function page(changes: Partial<OggPage>): OggPage {
  return {
    isContinued: false,
    isFirst: false,
    isLast: false,
    granulePosition: 0,
    serialNumber: 7,
    pageNumber: 0,
    pieces: [],
    isOpen: false,
    ...changes,
  };
}

interface Head {
  readonly version?: number;
  readonly channels?: number;
  readonly family?: number;
  readonly gain?: number;
}

/** RFC 7845 §5.1; a pre-skip of 312 samples. */
function opusHead({ version = 1, channels = 1, family = 0, gain = 0 }: Head = {}): Uint8Array {
  const head = new Uint8Array(19);
  const view = new DataView(head.buffer);
  head.set(bytesOf('OpusHead'));
  head.set([version, channels], 8);
  view.setUint16(10, 312, true);
  view.setUint32(12, 48_000, true);
  view.setInt16(16, gain, true);
  head[18] = family;
  return head;
}

const joined = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

const headPage = (head = opusHead()) => encodeOggPage(page({ isFirst: true, pieces: [head] }));
const tagsPage = (tags = bytesOf('OpusTags and who made it')) =>
  encodeOggPage(page({ pageNumber: 1, pieces: [tags] }));
const SOUND = [packet(3), packet(255, 2), packet(600, 3), packet(1, 4)];
const soundPage = (changes: Partial<OggPage> = {}) =>
  encodeOggPage(
    page({ pageNumber: 2, isLast: true, granulePosition: 312 + 3000, pieces: SOUND, ...changes }),
  );
const FILE = joined(headPage(), tagsPage(), soundPage());

describe('encodeOggPage() and decodeOggPage()', () => {
  it('gives back each page as it was', () => {
    const numbers = fc.record({
      isContinued: fc.boolean(),
      isFirst: fc.boolean(),
      isLast: fc.boolean(),
      granulePosition: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
      serialNumber: fc.nat(0xffff_ffff),
      pageNumber: fc.nat(0xffff_ffff),
      pieces: fc.array(fc.uint8Array({ maxLength: 1100 }), { maxLength: 20 }),
    });
    fc.assert(
      fc.property(numbers, (changes) => {
        const bytes = encodeOggPage(page(changes));
        const decoded = decodeOggPage(joined(Uint8Array.of(9), bytes, packet(5)), 1);
        expect(decoded).toEqual({ ...page(changes), sizeBytes: bytes.length });
      }),
      { numRuns: 100 },
    );
  });

  it('writes the first page as opus-tools 0.2 does, checksum and all (RFC 3533 §6, RFC 7845 §5.1)', () => {
    const head = [...bytesOf('OpusHead'), 1, 1, 0x38, 1, 0x40, 0x1f, 0, 0, 0, 0, 0];
    const encoded = encodeOggPage(
      page({ isFirst: true, serialNumber: 0x3d_d1_ed_2d, pieces: [Uint8Array.from(head)] }),
    );
    const expected = [...bytesOf('OggS'), 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0x2d, 0xed, 0xd1, 0x3d, 0, 0, 0, 0];
    expect([...encoded]).toEqual([...expected, 0x4a, 0x62, 0x41, 0x2f, 1, 19, ...head]);
  });

  it('leaves a packet open, and refuses what does not fit', () => {
    const bytes = encodeOggPage(page({ pieces: [packet(510)], isOpen: true }));
    expect(bytes.subarray(26, 29)).toEqual(Uint8Array.of(2, 255, 255));
    expect(decodeOggPage(bytes, 0)).toMatchObject({ isOpen: true, pieces: [packet(510)] });
    expect(() => encodeOggPage(page({ pieces: [packet(65_025)] }))).toThrow('256 segments');
  });
});

describe('readOggOpus()', () => {
  it('gives the packets, and how to play them', () => {
    expect(readOggOpus(FILE)).toEqual({
      channels: 1,
      preSkipSamples: 312,
      gainDb: 0,
      durationSamples: 3000,
      packets: SOUND,
    });
  });

  it('reads two channels and a gain', () => {
    const file = joined(
      headPage(opusHead({ channels: 2, gain: -640, version: 15 })),
      tagsPage(),
      soundPage(),
    );
    expect(readOggOpus(file)).toMatchObject({ channels: 2, gainDb: -2.5 });
  });

  it('joins packets over pages, tags as well', () => {
    const tags = joined(bytesOf('OpusTags'), packet(300));
    const file = joined(
      headPage(),
      encodeOggPage(
        page({ pageNumber: 1, pieces: [tags.subarray(0, 255)], isOpen: true, granulePosition: -1 }),
      ),
      encodeOggPage(page({ pageNumber: 2, pieces: [tags.subarray(255)], isContinued: true })),
      encodeOggPage(
        page({ pageNumber: 3, pieces: [packet(4), packet(510)], isOpen: true, granulePosition: 900 }),
      ),
      encodeOggPage(page({ pageNumber: 4, pieces: [packet(9)], isContinued: true, isLast: true })),
    );
    expect(readOggOpus(file)).toMatchObject({ packets: [packet(4), joined(packet(510), packet(9))] });
  });

  it('passes over pages of another stream, and leaves out packets without a byte', () => {
    const other = encodeOggPage(page({ serialNumber: 8, isFirst: true, pieces: [bytesOf('\x01vorbis')] }));
    const sound = soundPage({ pieces: [packet(0), packet(3)] });
    expect(readOggOpus(joined(other, headPage(), other, tagsPage(), sound))).toMatchObject({
      packets: [packet(3)],
    });
  });

  it('reads a file without the mark of its end, and then tells no duration', () => {
    const file = joined(headPage(), tagsPage(), soundPage({ isLast: false }));
    expect(readOggOpus(file)).toMatchObject({ packets: SOUND, durationSamples: null });
  });

  it.each([
    { name: 'nothing', file: new Uint8Array(0), code: 'OGG_NO_OPUS' },
    { name: 'a WAV file', file: joined(bytesOf('RIFF'), new Uint8Array(60)), code: 'OGG_NO_PAGE' },
    { name: 'garbage behind a page', file: joined(headPage(), new Uint8Array(60)), code: 'OGG_NO_PAGE' },
    { name: 'Vorbis', file: headPage(bytesOf('\x01vorbis')), code: 'OGG_NO_OPUS' },
    { name: 'a head that is cut', file: headPage(opusHead().subarray(0, 18)), code: 'OPUS_HEAD_CUT' },
    { name: 'a version to come', file: headPage(opusHead({ version: 16 })), code: 'OPUS_VERSION' },
    { name: 'six channels', file: headPage(opusHead({ channels: 6, family: 1 })), code: 'OPUS_CHANNELS' },
    { name: 'no channel', file: headPage(opusHead({ channels: 0 })), code: 'OPUS_CHANNELS' },
    { name: 'no tags', file: joined(headPage(), tagsPage(packet(20))), code: 'OPUS_NO_TAGS' },
    { name: 'no sound', file: joined(headPage(), tagsPage()), code: 'OPUS_NO_SOUND' },
    { name: 'a page that is missing', file: joined(headPage(), soundPage()), code: 'OGG_GAP' },
    { name: 'two files in one', file: joined(FILE, FILE), code: 'OGG_CHAINED' },
    {
      name: 'half a packet',
      file: joined(headPage(), tagsPage(), soundPage({ isContinued: true })),
      code: 'OGG_TORN',
    },
  ])('says what is wrong with $name', ({ file, code }) => {
    expect(readOggOpus(file)).toMatchObject({ code });
    expect(readOggOpus(file)).toBeInstanceOf(DecodeError);
  });

  it('refuses a file that is cut within a page, wherever', () => {
    const ends = new Set([headPage().length, joined(headPage(), tagsPage()).length]);
    for (let length = 1; length < FILE.length; length += 1) {
      const code = ends.has(length) ? 'OPUS_NO' : 'OGG_CUT';
      expect(String((readOggOpus(FILE.subarray(0, length)) as DecodeError).code)).toContain(code);
    }
  });

  it('refuses a file of which any bit is flipped', () => {
    for (let bit = 0; bit < 8 * FILE.length; bit += 5) {
      const flipped = FILE.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(readOggOpus(flipped)).toBeInstanceOf(DecodeError);
    }
  });
});
