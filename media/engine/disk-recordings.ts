// Files of recordings, on the disk. No call waits for them: reads and writes are the thread pool's.
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../../core/index.ts';
import type { RecordingFile, RecordingFiles } from '../recording/index.ts';

/** What people said is nobody else's business. */
const OWNER_ONLY = { file: 0o600, folder: 0o700 };

export const diskRecordings: RecordingFiles = {
  create: async (path) => new DiskRecording(await createFile(path)),
};

/** Makes the folder as well, but not the one that it is in: a mistyped path makes no tree of folders. */
async function createFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', OWNER_ONLY.file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  await mkdir(dirname(path), { mode: OWNER_ONLY.folder }).catch((error: unknown) => {
    // The files of one recording are made side by side.
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  return open(path, 'wx', OWNER_ONLY.file);
}

class DiskRecording implements RecordingFile {
  readonly #file: FileHandle;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
