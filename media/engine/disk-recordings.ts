// Files of recordings, on the disk. No call waits for them: reads and writes are the thread pool's.
import { type FileHandle, open } from 'node:fs/promises';
import type { RecordingFile, RecordingFiles } from '../recording/index.ts';

/** What people said is nobody else's business. */
const OWNER_ONLY = 0o600;

export const diskRecordings: RecordingFiles = {
  create: async (path) => new DiskRecording(await open(path, 'wx', OWNER_ONLY)),
};

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
