// A file on the disk that is sent.
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { codeOf, UsageError } from '../../core/index.ts';
import { READ_BYTES } from './limits.ts';
import { hashAtMarks } from './prefix-hash.ts';
import type { Mark, OutgoingFile } from './types.ts';

/** @throws UsageError where there is no such file */
export async function openDiskFile(path: string): Promise<OutgoingFile> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const status = await handle.stat();
    if (!status.isFile()) throw new UsageError(`"${path}" is no file; pack a folder first, as with tar`);
    return new DiskFile(handle, {
      name: basename(path),
      sizeBytes: status.size,
      modifiedMs: Math.floor(status.mtimeMs),
    });
  } catch (error) {
    await handle?.close();
    if (error instanceof UsageError) throw error;
    const why =
      codeOf(error) === 'ENOENT' ? 'there is none' : `it cannot be read (${codeOf(error) ?? 'unknown'})`;
    throw new UsageError(`"${path}" cannot be sent: ${why}`, { cause: error });
  }
}

class DiskFile implements OutgoingFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly #handle: FileHandle;
  readonly #buffer = new Uint8Array(READ_BYTES);
  #offsetBytes = 0;
  /** Of all before the offset. */
  #hash: Hash = createHash('sha256');

  constructor(handle: FileHandle, about: { name: string; sizeBytes: number; modifiedMs: number }) {
    this.#handle = handle;
    this.name = about.name;
    this.sizeBytes = about.sizeBytes;
    this.modifiedMs = about.modifiedMs;
  }

  async check(marks: readonly Mark[]): Promise<number> {
    const offsets = marks.map(({ offsetBytes }) => offsetBytes);
    const ours = await hashAtMarks(this.#handle, offsets);
    const index = ours.findLastIndex(({ mark }, at) => mark.sha256 === marks[at]?.sha256);
    const found = ours[index];
    if (!found) return 0;
    this.#hash = found.hash;
    this.#offsetBytes = found.mark.offsetBytes;
    return found.mark.offsetBytes;
  }

  async read(lengthBytes: number): Promise<Uint8Array> {
    const length = Math.min(lengthBytes, this.#buffer.length);
    const { bytesRead } = await this.#handle.read(this.#buffer, 0, length, this.#offsetBytes);
    const bytes = this.#buffer.subarray(0, bytesRead);
    this.#hash.update(bytes);
    this.#offsetBytes += bytesRead;
    return bytes;
  }

  async digest(): Promise<string | undefined> {
    const { size, mtimeMs } = await this.#handle.stat();
    const isSame = size === this.sizeBytes && Math.floor(mtimeMs) === this.modifiedMs;
    return isSame ? this.#hash.digest('hex') : undefined;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
