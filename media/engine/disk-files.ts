// Files of announcements and hold music, from the disk.
import { readFile, stat } from 'node:fs/promises';
import type { FileReader } from '../tone/index.ts';

export const diskFiles: FileReader = {
  async version(path) {
    const { mtimeMs, size } = await stat(path);
    return { stamp: `${mtimeMs} ${size}`, sizeBytes: size };
  },
  read: (path) => readFile(path),
};
