import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../../../core/index.ts';
import { describeOpus, encodeWav, loadCodecs } from '../../../../media/index.ts';
import { OpusTrack } from '../../../../media/recording/opus-track.ts';
import { WriteQueue } from '../../../../media/recording/write-queue.ts';
import { openFileSound } from '../../../../softphone/audio/file-sound.ts';
import { MemoryRecordings } from '../../../support/memory-recordings.ts';
import { makeTone, toneLevelDbov } from '../../../support/tones.ts';

const RATE_HZ = 48_000;
let folder = '';
const path = (name: string) => join(folder, name);

/** A second of silence, then a second of tone. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'patchcord-'));
  const tone = makeTone({ frequencyHz: 800, clockRateHz: RATE_HZ, durationMs: 1000 });
  const pcm = new Int16Array(2 * RATE_HZ);
  pcm.set(tone, RATE_HZ);
  writeFileSync(path('x.wav'), encodeWav({ sampleRateHz: RATE_HZ, channels: 1, pcm }));
  const disk = new MemoryRecordings();
  const queue = new WriteQueue(disk, () => {});
  const codecs = await loadCodecs({ log: silentLog, names: ['opus'] });
  const track = new OpusTrack({
    ...{ file: queue.open('/x'), channels: 1, serialNumber: 1, title: 'x', onFailed: () => {} },
    makeEncoder: () => codecs.create(describeOpus({ sampleRateHz: RATE_HZ, soundChannels: 1 })),
  });
  track.write(RATE_HZ, tone.subarray(0, RATE_HZ / 2));
  track.flush(1.5 * RATE_HZ);
  track.write(1.5 * RATE_HZ, tone.subarray(RATE_HZ / 2));
  await track.end(2 * RATE_HZ);
  await queue.close();
  writeFileSync(path('x.opus'), disk.read('/x'));
  writeFileSync(path('cut.opus'), disk.read('/x').subarray(0, -20));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('openFileSound()', () => {
  it.each(['wav', 'opus'] as const)('plays any part of %s, again and again', async (format) => {
    const sound = await openFileSound(path(`x.${format}`), 'x');
    expect(sound).toMatchObject({ format, sampleRateHz: RATE_HZ, channels: 1, durationMs: 2000 });
    for (let round = 0; round < 2; round += 1) {
      const source = sound.source({ fromMs: 900, durationMs: 500 });
      // The decoder of Opus comes a moment later.
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
      const pcm = new Int16Array(RATE_HZ);
      source.read(pcm);
      const level = (fromMs: number) =>
        toneLevelDbov(pcm.subarray(fromMs * 48, fromMs * 48 + 4800), {
          frequencyHz: 800,
          clockRateHz: RATE_HZ,
        });
      expect(level(0)).toBeLessThan(-40);
      expect(level(200)).toBeCloseTo(-20, 0);
      expect(pcm.subarray(505 * 48).every((sample) => sample === 0)).toBe(true);
      expect(source.isEnded).toBe(true);
      source.close?.();
    }
  });

  it('reads a recording that was cut off as far as it goes', async () => {
    const { durationMs } = await openFileSound(path('cut.opus'), 'x');
    expect(durationMs).toBeGreaterThan(500);
    expect(durationMs).toBeLessThan(2000);
  });

  it('says what is wrong with a file', async () => {
    writeFileSync(path('bad.opus'), 'OggS and nothing');
    await expect(openFileSound(path('bad.opus'), '--play bad.opus')).rejects.toThrow(/^--play bad\.opus: /);
  });
});
