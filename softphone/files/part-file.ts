// A file that is not whole yet: written under a name of ours, and named as it was offered once it is proven.
import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, OperationError } from '../../core/index.ts';
import { numberedName } from './file-name.ts';
import { hashAtMarks, type MarkedHash, markOffsets } from './prefix-hash.ts';
import type { IncomingFile, Mark } from './types.ts';

export interface PartFileOptions {
  readonly folder: string;
  /** Of the part. */
  readonly path: string;
  /** Under which it is stored when it is whole, or with a number where there is one already. */
  readonly name: string;
  readonly sizeBytes: number;
}

/** Files of one name in a folder. */
const MOST_NUMBERS = 1000;

export class PartFile implements IncomingFile {
  /** Resolves when it is closed, whatever became of it. */
  readonly ended: Promise<void>;
  readonly #options: PartFileOptions;
  #settle: () => void = () => {};
  #handle: FileHandle | undefined;
  #present: readonly MarkedHash[] = [];
  #hash: Hash = createHash('sha256');
  #offsetBytes = 0;
  #onSuperseded: (() => void) | undefined;
  #isSuperseded = false;

  constructor(options: PartFileOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Told also where it was superseded before anybody listened. */
  set onSuperseded(listener: (() => void) | undefined) {
    this.#onSuperseded = listener;
    if (this.#isSuperseded) listener?.();
  }

  get onSuperseded(): (() => void) | undefined {
    return this.#onSuperseded;
  }

  /** Another one waits for its place. */
  supersede(): void {
    this.#isSuperseded = true;
    this.#onSuperseded?.();
  }

  get marks(): readonly Mark[] {
    return this.#present.map(({ mark }) => mark);
  }

  /** Bytes that an earlier try has left, as far as they are worth something. */
  get presentBytes(): number {
    return this.#present.at(-1)?.mark.offsetBytes ?? 0;
  }

  /** Of the disk's room, what it will yet take. */
  get missingBytes(): number {
    return this.#options.sizeBytes - Math.max(this.#offsetBytes, this.presentBytes);
  }

  /** Opens the part, and reads what is in it. */
  async examine(): Promise<void> {
    // Never through a link that somebody put there.
    const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
    this.#handle = await open(this.#options.path, flags, 0o600);
    const { size } = await this.#handle.stat();
    const offsets = size > this.#options.sizeBytes ? [] : markOffsets(size);
    this.#present = await hashAtMarks(this.#handle, offsets);
  }

  async begin(offsetBytes: number): Promise<void> {
    const found = this.#present.find(({ mark }) => mark.offsetBytes === offsetBytes);
    this.#hash = found?.hash ?? createHash('sha256');
    this.#offsetBytes = found ? offsetBytes : 0;
    this.#present = [];
    await this.#file.truncate(this.#offsetBytes);
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, this.#offsetBytes + at);
      at += bytesWritten;
    }
    this.#hash.update(bytes);
    this.#offsetBytes += bytes.length;
  }

  async finish(sha256: string): Promise<string | undefined> {
    if (this.#hash.digest('hex') !== sha256) return undefined;
    // On the disk before it has a name: also a power cut leaves no file that only looks whole.
    await this.#file.sync();
    const name = await this.#publish();
    await this.#close();
    return name;
  }

  async keep(): Promise<void> {
    const isEmpty = this.#offsetBytes === 0 && this.presentBytes === 0;
    if (isEmpty && this.#handle) await rm(this.#options.path, { force: true });
    await this.#close();
  }

  async discard(): Promise<void> {
    await rm(this.#options.path, { force: true });
    await this.#close();
  }

  /** Gives it the first name that is free. Nothing is ever overwritten. */
  async #publish(): Promise<string> {
    const { folder, path, name } = this.#options;
    for (let number = 0; number < MOST_NUMBERS; number += 1) {
      const candidate = numberedName(name, number);
      if (await moved(path, join(folder, candidate))) return candidate;
    }
    throw new OperationError('FILE_NAME_TAKEN', `"${name}" and ${MOST_NUMBERS} numbers behind it are taken`);
  }

  get #file(): FileHandle {
    if (this.#handle) return this.#handle;
    throw new OperationError('FILE_CLOSED', 'the file is not open');
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close().catch(() => {}); // Synchronized where that matters.
    this.#settle();
  }
}

/** @returns false where the name is taken */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    // Unlike rename(2), link(2) takes no name that there is.
    await link(from, to);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    return movedWithoutLinks(from, to);
  }
  await rm(from, { force: true });
  return true;
}

/** Where the file system has no links (FAT, some shares): two programs at the same moment could collide. */
async function movedWithoutLinks(from: string, to: string): Promise<boolean> {
  const isTaken = await access(to).then(
    () => true,
    () => false,
  );
  if (!isTaken) await rename(from, to);
  return !isTaken;
}
