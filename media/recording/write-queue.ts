// What a recording has to write, on its way to the disk: in order for each file, and never more than memory allows.
import { codeOf, messageOf } from '../../core/index.ts';
import type { RecordingFile, RecordingFiles } from './files.ts';

/** About half a minute of a call with tracks in WAV. A disk that is slower than that is no place for sound. */
export const MAX_WAITING_BYTES = 8 * 2 ** 20;

/** What the codes of the system mean to a person. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk fails',
  EROFS: 'the disk is read-only',
  EACCES: 'the folder may not be written in',
  ENOENT: 'the folder is not there',
  ENOTDIR: 'the folder is none',
  EEXIST: 'there is such a file already',
  EMFILE: 'too many files are open',
  EFBIG: 'the file is larger than the disk allows',
};

/** The first failure ends it all: what was written before stays, and nothing is written after it. */
export class WriteQueue {
  readonly #files: RecordingFiles;
  readonly #onFailed: (reason: string) => void;
  readonly #opened: QueuedFile[] = [];
  #waitingBytes = 0;
  #waitingCount = 0;
  #failure: string | null = null;

  /** @param onFailed - called once, and never while a caller waits for a call to return */
  constructor(files: RecordingFiles, onFailed: (reason: string) => void) {
    this.#files = files;
    this.#onFailed = onFailed;
  }

  /** Whether anything waits for the disk. */
  get isWorking(): boolean {
    return this.#waitingCount > 0;
  }

  /** Why nothing is written any more; null while all is well. */
  get failure(): string | null {
    return this.#failure;
  }

  /** In the order of their opening. */
  get files(): readonly QueuedFile[] {
    return this.#opened;
  }

  /** Begins a file; what is written to it waits until it is there. */
  open(path: string): QueuedFile {
    const file = new QueuedFile(path, this, () => this.#files.create(path));
    this.#opened.push(file);
    return file;
  }

  /** Does something when its turn has come. Never rejects: the first failure fails the queue. */
  async run(sizeBytes: number, task: () => Promise<void>): Promise<void> {
    this.#waitingBytes += sizeBytes;
    this.#waitingCount += 1;
    try {
      // Whoever hands in never meets a failure within the call.
      await undefined;
      if (this.#waitingBytes > MAX_WAITING_BYTES) throw new Error('the disk is too slow');
      await task();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#waitingBytes -= sizeBytes;
      this.#waitingCount -= 1;
    }
  }

  /** Resolves when everything is written, or given up, and the files are closed. */
  async close(): Promise<void> {
    await Promise.all(this.#opened.map((file) => file.close()));
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = REASONS[codeOf(error) ?? ''] ?? messageOf(error);
    this.#onFailed(this.#failure);
  }
}

/** One file of a {@link WriteQueue}. */
export class QueuedFile {
  readonly path: string;
  readonly #queue: WriteQueue;
  #file: RecordingFile | undefined;
  #last: Promise<void>;
  #sizeBytes = 0;
  #writtenBytes = 0;

  constructor(path: string, queue: WriteQueue, create: () => Promise<RecordingFile>) {
    this.path = path;
    this.#queue = queue;
    this.#last = queue.run(0, async () => {
      this.#file = await create();
    });
  }

  /** Where the last byte that was handed in ends. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** @param bytes - the file's from now on */
  write(bytes: Uint8Array, position: number): void {
    if (this.#queue.failure !== null) return;
    const before = this.#last;
    this.#sizeBytes = Math.max(this.#sizeBytes, position + bytes.length);
    this.#last = this.#queue.run(bytes.length, async () => {
      await before;
      if (this.#queue.failure !== null) return;
      await this.#file?.write(bytes, position);
      this.#writtenBytes = Math.max(this.#writtenBytes, position + bytes.length);
    });
  }

  /** @param bytes - the file's from now on */
  append(bytes: Uint8Array): void {
    this.write(bytes, this.#sizeBytes);
  }

  /** Adds what shall be there although the queue has failed, where that still goes: nobody hears whether it did. */
  appendLast(bytes: Uint8Array): void {
    const before = this.#last;
    this.#last = this.#queue.run(0, async () => {
      await before;
      const position = this.#writtenBytes;
      await this.#file?.write(bytes, position).catch(() => {});
    });
  }

  /** Resolves when everything so far is written, or given up. */
  get written(): Promise<void> {
    return this.#last;
  }

  async close(): Promise<void> {
    await this.#last;
    const file = this.#file;
    this.#file = undefined;
    await this.#queue.run(0, async () => file?.close());
  }
}
