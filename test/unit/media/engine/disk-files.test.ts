import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diskFiles } from '../../../../media/engine/disk-files.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchcord-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('diskFiles', () => {
  it('reads a file, and tells another version of it from the one before', async () => {
    const path = join(folder, 'a.wav');
    await writeFile(path, 'one');
    const before = await diskFiles.version(path);
    expect([before.sizeBytes, Buffer.from(await diskFiles.read(path)).toString()]).toEqual([3, 'one']);
    expect(await diskFiles.version(path)).toEqual(before);
    await writeFile(path, 'other');
    expect((await diskFiles.version(path)).stamp).not.toBe(before.stamp);
  });

  it('rejects what is not there', async () => {
    await expect(diskFiles.version(join(folder, 'none.wav'))).rejects.toThrow(/ENOENT/);
  });
});
