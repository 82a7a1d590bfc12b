// Recordings in memory, on a disk that can be as bad as a test wants.
import type { RecordingFile, RecordingFiles } from '../../media/index.ts';

export class MemoryRecordings implements RecordingFiles {
  /** By path, in the order in which they were made. */
  readonly files = new Map<string, Uint8Array>();
  /** Bytes that were written, all files together: what was skipped costs nothing. */
  writtenBytes = 0;
  openCount = 0;
  /** How many bytes the disk still takes. */
  roomBytes = Number.POSITIVE_INFINITY;
  /** While set, every write waits for it. */
  stall: Promise<void> | undefined;

  async create(path: string): Promise<RecordingFile> {
    if (path.startsWith('/missing/')) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    if (this.files.has(path)) throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
    this.files.set(path, new Uint8Array());
    this.openCount += 1;
    let capacity = new Uint8Array(0);
    return {
      write: async (bytes, position) => {
        await this.stall;
        const taken = bytes.subarray(0, this.roomBytes);
        this.roomBytes -= taken.length;
        this.writtenBytes += taken.length;
        const end = Math.max(this.read(path).length, position + taken.length);
        if (capacity.length < end) {
          const larger = new Uint8Array(Math.max(end, 2 * capacity.length));
          larger.set(capacity);
          capacity = larger;
        }
        capacity.set(taken, position);
        this.files.set(path, capacity.subarray(0, end));
        if (taken.length < bytes.length) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      },
      close: async () => {
        this.openCount -= 1;
      },
    };
  }

  read(path: string): Uint8Array {
    const bytes = this.files.get(path);
    if (!bytes) throw new Error(`there is no file ${path}, but ${[...this.files.keys()].join(', ')}`);
    return bytes;
  }

  text(path: string): string {
    return new TextDecoder().decode(this.read(path));
  }
}
