import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseWav } from '../../../../media/index.ts';
import { WavRecorder } from '../../../../softphone/audio/wav-recorder.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchcord-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ramp = (length: number) => Int16Array.from({ length }, (_, i) => (i % 60_000) - 30_000);

describe('WavRecorder', () => {
  it('writes what it was given, in order', async () => {
    const path = join(folder, 'a.wav');
    const recorder = await WavRecorder.open(path, 8000);
    const pcm = ramp(30_000);
    for (let at = 0; at < pcm.length; at += 160) recorder.write(pcm.subarray(at, at + 160));
    await recorder.close();
    expect(parseWav(readFileSync(path), path)).toEqual({ sampleRateHz: 8000, channels: 1, pcm });
    expect(recorder.droppedMs).toBe(0);
  });

  it('leaves a valid file with all but the last second when nobody closes it', async () => {
    const path = join(folder, 'b.wav');
    const recorder = await WavRecorder.open(path, 8000);
    for (let i = 0; i < 125; i += 1) {
      recorder.write(ramp(160));
      // Lets the disk have its turn, as the 20 ms between two frames would.
      await new Promise((resolve) => setImmediate(resolve));
    }
    while (readFileSync(path).length < 44 + 2 * 8000) await new Promise((resolve) => setImmediate(resolve));
    const file = readFileSync(path);
    const claimed = new DataView(file.buffer, file.byteOffset).getUint32(40, true);
    expect(claimed).toBeLessThanOrEqual(file.length - 44);
    await recorder.close();
  });

  it('drops sound instead of growing where the disk does not keep up', async () => {
    const recorder = await WavRecorder.open(join(folder, 'c.wav'), 8000);
    for (let i = 0; i < 100; i += 1) recorder.write(ramp(8000));
    expect(recorder.droppedMs).toBeGreaterThan(30_000);
    await recorder.close();
  });

  it('says what is wrong with a path', async () => {
    await expect(WavRecorder.open(join(folder, 'none', 'd.wav'), 8000)).rejects.toThrow(
      /^--record .*d\.wav: the file cannot be written \(ENOENT.*name one in a folder/,
    );
  });
});
