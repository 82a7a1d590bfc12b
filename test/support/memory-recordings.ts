// Recordings in memory, on a disk that can be as bad as a test wants.
import type { RecordingFile, RecordingFiles } from '../../media/index.ts';

export const BLOCK_BYTES = 4096;

/** A file whose holes cost nothing. */
export class SparseFile {
  /** By their number, those that were written to. */
  readonly blocks = new Map<number, Uint8Array>();
  sizeBytes = 0;

  write(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length; ) {
      const at = position + done;
      const [number, offset] = [Math.floor(at / BLOCK_BYTES), at % BLOCK_BYTES];
      const block = this.blocks.get(number) ?? new Uint8Array(BLOCK_BYTES);
      this.blocks.set(number, block);
      const part = bytes.subarray(done, done + BLOCK_BYTES - offset);
      block.set(part, offset);
      done += part.length;
    }
    this.sizeBytes = Math.max(this.sizeBytes, position + bytes.length);
  }

  read(): Uint8Array {
    const bytes = new Uint8Array(this.sizeBytes);
    for (const [number, block] of this.blocks) {
      const start = number * BLOCK_BYTES;
      bytes.set(block.subarray(0, this.sizeBytes - start), start);
    }
    return bytes;
  }
}

export class MemoryRecordings implements RecordingFiles {
  /** By path, in the order in which they were made. */
  readonly files = new Map<string, SparseFile>();
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
    const file = new SparseFile();
    this.files.set(path, file);
    this.openCount += 1;
    return {
      write: async (bytes, position) => {
        await this.stall;
        const taken = bytes.subarray(0, this.roomBytes);
        this.roomBytes -= taken.length;
        this.writtenBytes += taken.length;
        file.write(taken, position);
        if (taken.length < bytes.length) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      },
      close: async () => {
        this.openCount -= 1;
      },
    };
  }

  file(path: string): SparseFile {
    const file = this.files.get(path);
    if (!file) throw new Error(`there is no file ${path}, but ${[...this.files.keys()].join(', ')}`);
    return file;
  }

  read(path: string): Uint8Array {
    return this.file(path).read();
  }
}
