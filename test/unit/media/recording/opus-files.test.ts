// Ogg Opus as recordings write it: silence that costs nothing, the right length, and any part of it again.
import { describe, expect, it } from 'vitest';
import { DecodeError, silentLog } from '../../../../core/index.ts';
import { readOggOpus } from '../../../../media/audio/index.ts';
import { describeOpus, loadCodecs } from '../../../../media/codec/index.ts';
import { OpusTrack } from '../../../../media/recording/opus-track.ts';
import { WriteQueue } from '../../../../media/recording/write-queue.ts';
import { opusFrom, opusLengthSamples } from '../../../../media/tone/index.ts';
import { MemoryRecordings } from '../../../support/memory-recordings.ts';
import { decodeOpus } from '../../../support/recorded-sound.ts';
import { makeTone } from '../../../support/tones.ts';

const PATH = '/rec/x.opus';
const RATE_HZ = 48_000;

async function createTrack(channels: 1 | 2 = 1) {
  const disk = new MemoryRecordings();
  const failures: string[] = [];
  const queue = new WriteQueue(disk, (reason) => failures.push(reason));
  const codecs = await loadCodecs({ log: silentLog, names: ['opus'] });
  let encoders = 0;
  const track = new OpusTrack({
    file: queue.open(PATH),
    channels,
    serialNumber: 7,
    title: 'alice',
    makeEncoder: async () => {
      encoders += 1;
      return codecs.create(describeOpus({ sampleRateHz: RATE_HZ, soundChannels: channels }));
    },
    onFailed: (reason) => failures.push(reason),
  });
  const settle = () => queue.files[0]?.written;
  return { track, disk, queue, failures, settle, encoders: () => encoders };
}

const tone = makeTone({ frequencyHz: 1000, clockRateHz: RATE_HZ, durationMs: 500, levelDbov: -12 });

/** Where sound begins, in samples. */
function onset(pcm: Int16Array): number {
  return pcm.findIndex((sample) => Math.abs(sample) > 2000);
}

describe('OpusTrack', () => {
  it.each([1, 2] as const)(
    'has sound where it was put, to a millisecond, in %i channels',
    async (channels) => {
      const { track, disk, queue } = await createTrack(channels);
      const pcm = Int16Array.from(
        { length: tone.length * channels },
        (_, i) => tone[Math.floor(i / channels)] ?? 0,
      );
      track.write(100_001, pcm);
      await track.end(150_000);
      await queue.close();
      const sound = await decodeOpus(disk.read(PATH));
      expect(sound.channels).toBe(channels);
      expect(sound.pcm.length / channels).toBe(150_000);
      expect(Math.abs(onset(sound.pcm) / channels - 100_001)).toBeLessThan(48);
      expect(sound.pcm.subarray(0, 90_000 * channels).every((sample) => sample === 0)).toBe(true);
    },
  );

  it('needs no encoder for silence, and under 200 bytes a second', async () => {
    const { track, disk, queue, encoders } = await createTrack();
    for (let second = 1; second <= 60; second += 1) track.flush(second * RATE_HZ);
    await track.end(60 * RATE_HZ);
    await queue.close();
    expect(encoders()).toBe(0);
    expect(disk.read(PATH).length).toBeLessThan(60 * 200);
    const sound = await decodeOpus(disk.read(PATH));
    expect(sound.pcm).toHaveLength(60 * RATE_HZ);
    expect(sound.pcm.every((sample) => sample === 0)).toBe(true);
  });

  it('has an hour of silence in front of who comes after an hour', async () => {
    const { track, disk, queue } = await createTrack();
    const hour = 3600 * RATE_HZ + 7;
    track.write(hour, tone);
    await track.end(hour + tone.length);
    await queue.close();
    const opus = readOggOpus(disk.read(PATH));
    if (opus instanceof DecodeError) throw new Error(opus.toString());
    expect(opus.durationSamples).toBe(hour + tone.length);
    expect(opusLengthSamples(opus)).toBe(hour + tone.length);
  });

  it('is readable after each flush, and cut anywhere behind its head', async () => {
    const { track, disk, settle } = await createTrack();
    await track.prepare();
    for (let i = 0; i < 50; i += 1) {
      track.write(i * 960, tone.subarray(0, 960));
      if (i % 10 === 9) track.flush((i + 1) * 960);
    }
    await settle();
    const bytes = disk.read(PATH);
    const whole = readOggOpus(bytes);
    expect(whole).toMatchObject({ durationSamples: null });
    const lengths: number[] = [];
    for (let end = 250; end <= bytes.length; end += 37) {
      const cut = readOggOpus(bytes.subarray(0, end), { mayBeCut: true });
      if (!(cut instanceof DecodeError)) lengths.push(opusLengthSamples(cut));
    }
    expect(lengths.length).toBeGreaterThan(20);
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
    expect(opusLengthSamples(whole as Exclude<typeof whole, DecodeError>)).toBeGreaterThanOrEqual(49 * 960);
  });

  it('fails where there is no encoder', async () => {
    const disk = new MemoryRecordings();
    const failures: string[] = [];
    const queue = new WriteQueue(disk, () => {});
    const track = new OpusTrack({
      file: queue.open(PATH),
      channels: 1,
      serialNumber: 7,
      title: 'alice',
      makeEncoder: async () => undefined,
      onFailed: (reason) => failures.push(reason),
    });
    track.write(0, tone.subarray(0, 960));
    await track.prepare();
    expect(failures).toEqual(['Opus cannot be encoded here; record as WAV']);
  });
});

describe('opusFrom()', () => {
  it('begins at any place with the sound that is there', async () => {
    const { track, disk, queue } = await createTrack();
    track.write(RATE_HZ, tone);
    await track.end(2 * RATE_HZ);
    await queue.close();
    const opus = readOggOpus(disk.read(PATH));
    if (opus instanceof DecodeError) throw new Error(opus.toString());
    const part = opusFrom(opus, 43_200);
    expect(part.durationSamples).toBe(52_800);
    expect(part.packets.length).toBeLessThan(opus.packets.length - 5);
    expect(opusLengthSamples(part)).toBe(52_800);
  });
});
