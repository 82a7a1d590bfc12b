import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diskRecordings } from '../../../../media/engine/disk-recordings.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchcord-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('diskRecordings', () => {
  it('writes wherever it is told to, for nobody else to read, and makes the folder', async () => {
    const paths = ['a.wav', 'b.wav'].map((name) => join(folder, 'new', name));
    const [path = ''] = paths;
    const [file, other] = await Promise.all(paths.map((one) => diskRecordings.create(one)));
    await file?.write(Buffer.from('end'), 5);
    await file?.write(Buffer.from('be'), 0);
    await Promise.all([file?.close(), other?.close()]);
    expect(readFileSync(path).toString('latin1')).toBe('be\0\0\0end');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o700);
  });

  it('overwrites nothing, and makes no tree of folders', async () => {
    const path = join(folder, 'once.wav');
    await (await diskRecordings.create(path)).close();
    await expect(diskRecordings.create(path)).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(diskRecordings.create(join(folder, 'x', 'y', 'z.wav'))).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});
