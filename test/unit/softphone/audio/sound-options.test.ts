import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../core/index.ts';
import { encodeWav } from '../../../../media/index.ts';
import { MicrophoneSource, SpeakerSink } from '../../../../softphone/audio/devices.ts';
import { Echo } from '../../../../softphone/audio/echo.ts';
import { parsePlayOption, prepareSink, prepareSource } from '../../../../softphone/audio/sound-options.ts';

describe('parsePlayOption()', () => {
  it.each([
    { text: 'mic', option: { kind: 'mic' } },
    { text: 'silence', option: { kind: 'silence' } },
    { text: 'speech', option: { kind: 'speech' } },
    { text: 'tone:440', option: { kind: 'tone', frequencyHz: 440 } },
    { text: 'tone:0.5', option: { kind: 'tone', frequencyHz: 0.5 } },
    { text: 'hello.wav', option: { kind: 'file', path: 'hello.wav' } },
    { text: './mic', option: { kind: 'file', path: './mic' } },
  ])('reads $text', ({ text, option }) => {
    expect(parsePlayOption(text)).toEqual(option);
  });

  it.each(['', 'tone:', 'tone:x', 'tone:-1', 'tone:0', 'tone:99999', 'tone:NaN'])('refuses "%s"', (text) => {
    expect(() => parsePlayOption(text)).toThrow(UsageError);
  });
});

describe('prepareSource()', () => {
  it('plays a file from its start for each call', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'patchcord-'));
    const path = join(folder, 'a.wav');
    writeFileSync(path, encodeWav({ sampleRateHz: 16_000, channels: 1, pcm: Int16Array.of(1, 2, 3) }));
    const make = await prepareSource({ kind: 'file', path });
    rmSync(folder, { recursive: true });
    for (const source of [make(), make()]) {
      const pcm = new Int16Array(2);
      source.read(pcm);
      expect([source.sampleRateHz, ...pcm]).toEqual([16_000, 1, 2]);
    }
  });

  it('says what is wrong with a file that is not there', async () => {
    await expect(prepareSource({ kind: 'file', path: '/nowhere/x.wav' })).rejects.toThrow(
      /^--play \/nowhere\/x\.wav: the file cannot be read .* name a WAV file/,
    );
  });
});

describe('prepareSink()', () => {
  it('records nothing where nothing is asked for', async () => {
    expect(await (await prepareSink(undefined))(8000)).toBeUndefined();
  });

  it.each([
    { where: '', says: '--record is empty' },
    { where: '/nowhere/x.wav', says: 'cannot be written' },
  ])('refuses "$where" before anything rings', async ({ where, says }) => {
    await expect(prepareSink(where)).rejects.toThrow(says);
    await expect(prepareSink(where)).rejects.toBeInstanceOf(UsageError);
  });

  it('writes a file for each call', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'patchcord-'));
    const make = await prepareSink(join(folder, 'a.wav'));
    for (const sink of [await make(8000), await make(48_000)]) await sink?.close();
    expect(readdirSync(folder).toSorted()).toEqual(['a-2.wav', 'a.wav']);
    rmSync(folder, { recursive: true });
  });
});

describe('microphone and speaker', () => {
  const missing = () => Promise.reject(new Error("Cannot find package 'decibri'\nat x"));

  it('say how to get the package where it is missing', async () => {
    const mend =
      /needs the package "decibri".*\(Cannot find package 'decibri'\).*npm install decibri.*--play FILE\.wav/;
    await expect(MicrophoneSource.open(missing)).rejects.toThrow(mend);
    await expect(SpeakerSink.open(missing)).rejects.toThrow(mend);
    await expect(MicrophoneSource.open(missing)).rejects.toBeInstanceOf(UsageError);
  });

  it('say so where there is no device', async () => {
    const broken = { open: () => Promise.reject(new Error('no default device')) };
    const load = async () => ({ Microphone: broken, Speaker: broken });
    await expect(MicrophoneSource.open(load)).rejects.toThrow(
      'no microphone can be opened (no default device)',
    );
    await expect(SpeakerSink.open(load)).rejects.toThrow('no speaker can be opened (no default device)');
  });

  it('carry sound, and let go what piles up', async () => {
    const listeners = new Map<string, (bytes: Buffer) => void>();
    const stream = {
      on: (name: string, listener: (bytes: Buffer) => void) => listeners.set(name, listener),
      stop: () => listeners.clear(),
    };
    const written: number[] = [];
    const speaker = { writeAsync: async (bytes: Uint8Array) => written.push(bytes.length), stop: () => {} };
    const load = async () => ({
      Microphone: { open: async () => stream },
      Speaker: { open: async () => speaker },
    });
    const microphone = await MicrophoneSource.open(load);
    listeners.get('data')?.(Buffer.from(Int16Array.of(5, -6).buffer));
    const pcm = new Int16Array(3).fill(9);
    microphone.read(pcm);
    expect([...pcm]).toEqual([5, -6, 0]);
    listeners.get('data')?.(Buffer.alloc(100_000));
    listeners.get('data')?.(Buffer.from(Int16Array.of(7).buffer));
    const backlog = new Int16Array(20_000).fill(9);
    microphone.read(backlog);
    expect(backlog.indexOf(7)).toBe(9599);
    microphone.close();
    expect(listeners.size).toBe(0);

    const sink = await SpeakerSink.open(load);
    for (let i = 0; i < 20; i += 1) sink.write(new Int16Array(960));
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toEqual(Array(10).fill(1920));
    sink.write(new Int16Array(960));
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toHaveLength(11);
  });
});

describe('Echo', () => {
  it('gives back what it was given, then silence, and never grows without bound', () => {
    const echo = new Echo(8000);
    echo.write(Int16Array.of(1, 2, 3));
    echo.write(Int16Array.of(4));
    const pcm = new Int16Array(2);
    const heard = [0, 1, 2].flatMap(() => {
      echo.read(pcm);
      return [...pcm];
    });
    expect(heard).toEqual([1, 2, 3, 4, 0, 0]);
    for (let i = 0; i < 1000; i += 1) echo.write(new Int16Array(960).fill(1));
    const backlog = new Int16Array(200_000);
    echo.read(backlog);
    expect(backlog.indexOf(0)).toBe(96_000);
  });
});
