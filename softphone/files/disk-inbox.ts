// A folder where files are received. What is not whole stands there as `.part`, and has no name that was offered.

import { createHash } from 'node:crypto';
import { access, constants, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, UsageError } from '../../core/index.ts';
import { safeFileName } from './file-name.ts';
import { MOST_TRANSFERS } from './limits.ts';
import { PartFile } from './part-file.ts';
import type { FileOffer, Inbox, IncomingFile, Refusal } from './types.ts';

/** What is left free on the disk, whatever is sent to us. */
const RESERVED_BYTES = 64 * 1024 * 1024;

/** A part that nobody went on with for so long is thrown away. */
const STALE_MS = 7 * 24 * 3600 * 1000;

const PART_NAME = /^\.patchcord-[0-9a-f]{32}\.part$/;

export interface DiskInboxOptions {
  readonly folder: string;
  /** Larger ones are refused; none are where not given. */
  readonly maxFileBytes?: number | undefined;
  /** Wall clock, milliseconds. */
  readonly wallClock: () => number;
}

/** @throws UsageError where the folder is none */
export async function openDiskInbox(options: DiskInboxOptions): Promise<DiskInbox> {
  const { folder } = options;
  const status = await stat(folder).catch((error: unknown) => {
    const why =
      codeOf(error) === 'ENOENT' ? 'does not exist; make it first' : `cannot be used (${codeOf(error)})`;
    throw new UsageError(`--accept-files: the folder "${folder}" ${why}`, { cause: error });
  });
  if (!status.isDirectory()) throw new UsageError(`--accept-files: "${folder}" is no folder`);
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: unknown) => {
    const why = `is not yours to write to (${codeOf(error)}); choose another, or change its rights`;
    throw new UsageError(`--accept-files: the folder "${folder}" ${why}`, { cause: error });
  });
  const inbox = new DiskInbox(options);
  await inbox.removeStale();
  return inbox;
}

/** Made by {@link openDiskInbox}. */
export class DiskInbox implements Inbox {
  readonly #options: DiskInboxOptions;
  readonly #open = new Map<string, PartFile>();

  constructor(options: DiskInboxOptions) {
    this.#options = options;
  }

  async open(offer: FileOffer, from: string): Promise<IncomingFile | Refusal> {
    const name = safeFileName(offer.name);
    if (name === undefined) return { reason: 'badName', text: 'the file has no name that could be used' };
    const { folder, maxFileBytes = Number.POSITIVE_INFINITY } = this.#options;
    if (offer.sizeBytes > maxFileBytes) {
      return { reason: 'tooLarge', text: `files of more than ${maxFileBytes} bytes are not taken` };
    }
    const part = join(folder, partName(offer, from));
    // Again, for of several that wait for the same one each is to wait for the next.
    for (let other = this.#open.get(part); other; other = this.#open.get(part)) {
      // The sender has lost the path that it was sent on, and we have not noticed yet.
      other.supersede();
      await other.ended;
    }
    if (this.#open.size >= MOST_TRANSFERS) {
      return { reason: 'busy', text: `${MOST_TRANSFERS} files are being received already` };
    }
    return this.#begin(part, { name, sizeBytes: offer.sizeBytes });
  }

  /** Removes parts that nobody went on with. */
  async removeStale(): Promise<void> {
    const { folder, wallClock } = this.#options;
    for (const name of (await readdir(folder)).filter((entry) => PART_NAME.test(entry))) {
      const path = join(folder, name);
      const status = await stat(path).catch(() => undefined);
      if (status && wallClock() - status.mtimeMs > STALE_MS) await rm(path, { force: true });
    }
  }

  async #begin(path: string, about: { readonly name: string; readonly sizeBytes: number }) {
    const { folder } = this.#options;
    const file = new PartFile({ folder, path, ...about });
    this.#open.set(path, file);
    void file.ended.then(() => {
      if (this.#open.get(path) === file) this.#open.delete(path);
    });
    try {
      await file.examine();
      const refusal = await this.#refusalForSpace(about.sizeBytes - file.presentBytes);
      if (!refusal) return file;
      await file.keep();
      return refusal;
    } catch (error) {
      await file.keep();
      throw error;
    }
  }

  async #refusalForSpace(neededBytes: number): Promise<Refusal | undefined> {
    const { bavail, bsize } = await statfs(this.#options.folder);
    // Others are on their way into the same space.
    const promisedBytes = [...this.#open.values()].reduce((sum, file) => sum + file.missingBytes, 0);
    const othersBytes = promisedBytes - neededBytes;
    if (neededBytes + othersBytes + RESERVED_BYTES <= bavail * bsize) return undefined;
    return { reason: 'noSpace', text: 'the disk of the receiver has no room for it' };
  }
}

/** Another sender, or another version of the file, has another part. */
function partName({ name, sizeBytes, modifiedMs }: FileOffer, from: string): string {
  const identity = JSON.stringify([from, name, sizeBytes, modifiedMs]);
  return `.patchcord-${createHash('sha256').update(identity).digest('hex').slice(0, 32)}.part`;
}
