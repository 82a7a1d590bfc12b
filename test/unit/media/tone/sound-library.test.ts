import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../core/index.ts';
import { encodeOggPage, encodeWav } from '../../../../media/audio/index.ts';
import { decodeG711, muLaw } from '../../../../media/codec/index.ts';
import type { PayloadFormat } from '../../../../media/engine/types.ts';
import { type Borrowed, SoundLibrary } from '../../../../media/tone/index.ts';
import { CodecSource } from '../../../../media/transcode/index.ts';
import { makeTone, toneLevelDbov } from '../../../support/index.ts';

const as = (encoding: string, ptimeMs = 20) => {
  const isOpus = encoding === 'opus';
  const rates = isOpus ? { clockRateHz: 48_000, channels: 2 } : { clockRateHz: 8000, channels: 1 };
  const format: PayloadFormat = { payloadType: 0, encoding, ...rates };
  return { format, ptimeMs };
};

/** Files that are in memory, and how often they were read. */
function createLibrary(files: Record<string, Uint8Array> = {}) {
  const reads: string[] = [];
  const stamps = new Map<string, string>();
  const contentOf = (path: string) => {
    const bytes = files[path];
    if (!bytes) throw new Error(`ENOENT: no such file, "${path}"`);
    return bytes;
  };
  const library = new SoundLibrary(new CodecSource(silentLog), {
    version: async (path) => ({ stamp: stamps.get(path) ?? '', sizeBytes: contentOf(path).length }),
    read: async (path) => {
      reads.push(path);
      return contentOf(path);
    },
  });
  return { library, reads, stamps, files };
}

function payloadsOf(borrowed: Borrowed | undefined): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  for (let index = 0; ; index += 1) {
    const payload = borrowed?.sound.payloadAt(index);
    if (!payload) return payloads;
    payloads.push(payload);
  }
}

const wavOf = (frequencyHz: number, sampleRateHz: number, durationMs: number) =>
  encodeWav({
    sampleRateHz,
    channels: 1,
    pcm: makeTone({ frequencyHz, clockRateHz: sampleRateHz, durationMs }),
  });

/** A tone of 440 Hz in packets of 20 ms. */
async function opusPackets(durationMs: number): Promise<readonly Uint8Array[]> {
  const codec = await new CodecSource(silentLog).create(as('opus').format);
  const clockRateHz = codec?.description.sampleRateHz ?? 0;
  const pcm = makeTone({ frequencyHz: 440, clockRateHz, durationMs });
  const step = clockRateHz / 50;
  return Array.from({ length: pcm.length / step }, (_, i) =>
    (codec?.encode(pcm.subarray(i * step, (i + 1) * step)) ?? new Uint8Array(0)).slice(),
  );
}

/** RFC 7845: 20 ms of the packets are pre-skip and padding. */
function oggOf(packets: readonly Uint8Array[]): Uint8Array {
  const head = Uint8Array.of(...bytesOf('OpusHead'), 1, 1, 312 & 0xff, 312 >> 8, 0x80, 0xbb, 0, 0, 0, 0, 0);
  const page = {
    isContinued: false,
    isFirst: false,
    isLast: false,
    granulePosition: 0,
    serialNumber: 7,
    isOpen: false,
  };
  return Buffer.concat([
    encodeOggPage({ ...page, isFirst: true, pageNumber: 0, pieces: [head] }),
    encodeOggPage({ ...page, pageNumber: 1, pieces: [Uint8Array.from(bytesOf('OpusTags'))] }),
    encodeOggPage({
      ...page,
      isLast: true,
      pageNumber: 2,
      granulePosition: (packets.length - 1) * 960 + 312,
      pieces: packets,
    }),
  ]);
}

const bytesOf = (text: string) => [...text].map((character) => character.charCodeAt(0));

describe('SoundLibrary', () => {
  it.each([
    { encoding: 'pcmu', ptimeMs: 20, count: 30, bytes: 160 },
    { encoding: 'pcma', ptimeMs: 30, count: 20, bytes: 240 },
    { encoding: 'pcmu', ptimeMs: 60, count: 10, bytes: 480 },
  ])('encodes a tone for $encoding in frames of $ptimeMs ms', async ({ encoding, ptimeMs, count, bytes }) => {
    const tone = await createLibrary().library.tone('confirmation', as(encoding, ptimeMs));
    expect(payloadsOf(tone).map(({ length }) => length)).toEqual(Array(count).fill(bytes));
  });

  it('encodes a tone for opus, with something in every frame', async () => {
    const payloads = payloadsOf(await createLibrary().library.tone('confirmation', as('opus')));
    expect(payloads).toHaveLength(30);
    expect(payloads.every(({ length }) => length > 0 && length < 400)).toBe(true);
  });

  it('encodes once for all legs, also for those that ask at once', async () => {
    const { library } = createLibrary();
    const [a, b] = await Promise.all([library.tone('busy', as('pcmu')), library.tone('busy', as('pcmu'))]);
    expect(a?.sound).toBe(b?.sound);
    expect((await library.tone('error', as('pcmu')))?.sound).not.toBe(a?.sound);
    expect((await library.tone('busy', as('pcmu', 30)))?.sound).not.toBe(a?.sound);
  });

  it('has nothing for a format without a codec', async () => {
    expect(await createLibrary().library.tone('busy', as('ilbc'))).toBeUndefined();
  });

  it.each([8000, 16_000, 44_100, 48_000])('plays a file of %i Hz at the rate of the codec', async (rate) => {
    const { library } = createLibrary({ 'a.wav': wavOf(440, rate, 1000) });
    const payloads = payloadsOf(await library.file('a.wav', as('pcmu')));
    expect(payloads).toHaveLength(50);
    const pcm = Int16Array.from(payloads.flatMap((payload) => [...decodeG711(muLaw, payload)]));
    const level = (frequencyHz: number) =>
      toneLevelDbov(pcm.subarray(800, 4000), { frequencyHz, clockRateHz: 8000 });
    expect(level(440)).toBeCloseTo(-20, 0);
    expect(level(700)).toBeLessThan(-55);
  });

  it('passes the packets of an Opus file to a party that takes them, untouched', async () => {
    const packets = await opusPackets(600);
    const { library } = createLibrary({ 'a.opus': oggOf(packets) });
    expect(payloadsOf(await library.file('a.opus', as('opus')))).toEqual(packets);
  });

  it.each(['pcmu', 'opus'])(
    'decodes an Opus file for %s, without its pre-skip and padding',
    async (encoding) => {
      const { library } = createLibrary({ 'a.opus': oggOf(await opusPackets(600)) });
      const ptimeMs = 10;
      const payloads = payloadsOf(await library.file('a.opus', as(encoding, ptimeMs)));
      expect(payloads).toHaveLength(580 / ptimeMs);
      const codec = await new CodecSource(silentLog).create(as(encoding).format);
      const clockRateHz = codec?.description.sampleRateHz ?? 0;
      const frames = payloads.map((payload) => codec?.decode(payload));
      const pcm = Int16Array.from(frames.flatMap((frame) => (frame instanceof Int16Array ? [...frame] : [])));
      const middle = pcm.subarray(clockRateHz / 10, clockRateHz / 2);
      expect(toneLevelDbov(middle, { frequencyHz: 440, clockRateHz })).toBeCloseTo(-20, -0.5);
      codec?.close();
    },
  );

  it('reads a file once for each format, and anew when it has changed', async () => {
    const { library, reads, stamps, files } = createLibrary({ 'a.wav': wavOf(440, 8000, 100) });
    const first = await library.file('a.wav', as('pcmu'));
    await library.file('a.wav', as('pcmu'));
    expect(reads).toHaveLength(1);
    await library.file('a.wav', as('pcma'));
    expect(reads).toHaveLength(2);
    stamps.set('a.wav', 'later');
    files['a.wav'] = wavOf(440, 8000, 200);
    const second = await library.file('a.wav', as('pcmu'));
    expect([payloadsOf(first).length, payloadsOf(second).length]).toEqual([5, 10]);
  });

  it.each([
    { name: 'that is missing', files: {}, why: /ENOENT/ },
    { name: 'that is no WAV file', files: { 'a.wav': new Uint8Array(100) }, why: /is not a WAV file/ },
    { name: 'that is cut', files: { 'a.wav': Uint8Array.from(bytesOf('OggS')) }, why: /page/ },
    { name: 'that is empty', files: { 'a.wav': new Uint8Array(0) }, why: /is empty/ },
  ])('says what is wrong with a file $name, each time anew', async ({ files, why }) => {
    const { library } = createLibrary(files as Record<string, Uint8Array>);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const file = library.file('a.wav', as('pcmu'));
      await expect(file).rejects.toMatchObject({ code: 'MEDIA_FILE_UNUSABLE' });
      await expect(file).rejects.toThrow(why);
      await expect(file).rejects.toThrow('"a.wav"');
    }
  });
});
