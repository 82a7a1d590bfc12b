import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../../../../core/index.ts';
import { openDiskFile } from '../../../../softphone/files/disk-file.ts';
import { openDiskInbox } from '../../../../softphone/files/disk-inbox.ts';
import { MOST_TRANSFERS } from '../../../../softphone/files/limits.ts';
import type { FileOffer, IncomingFile } from '../../../../softphone/files/types.ts';

const CONTENT = Buffer.from('the quick brown fox jumps over the lazy dog');
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');
const OFFER: FileOffer = { name: 'fox.txt', sizeBytes: CONTENT.length, modifiedMs: 0 };
const FROM = 'sip:alice@example';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchcord-inbox-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function openInbox(maxFileBytes?: number) {
  return openDiskInbox({ folder, maxFileBytes, wallClock: () => 1e12 });
}

// Root writes everywhere.
test.skipIf(process.getuid?.() === 0)(
  'a folder that is not ours to write to is told of before anything rings',
  async () => {
    chmodSync(folder, 0o500);
    await expect(openInbox()).rejects.toThrow(/is not yours to write to \(EACCES\)/);
  },
);

async function opened(offer = OFFER, from = FROM, inbox = openInbox()): Promise<IncomingFile> {
  const file = await (await inbox).open(offer, from);
  if ('reason' in file) throw new Error(file.text);
  return file;
}

async function receive(offer = OFFER, sha256 = SHA256): Promise<string | undefined> {
  const file = await opened(offer);
  await file.begin(0);
  await file.write(CONTENT);
  return file.finish(sha256);
}

describe('an inbox on the disk', () => {
  test('names a file when it is whole and proven, and not before', async () => {
    const file = await opened();
    await file.begin(0);
    await file.write(CONTENT.subarray(0, 10));
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\.patchcord-[0-9a-f]{32}\.part$/)]);
    await file.write(CONTENT.subarray(10));
    expect(await file.finish(SHA256)).toBe('fox.txt');
    expect(readdirSync(folder)).toEqual(['fox.txt']);
    expect(readFileSync(join(folder, 'fox.txt'))).toEqual(CONTENT);
  });

  test('overwrites nothing', async () => {
    writeFileSync(join(folder, 'fox.txt'), 'mine');
    symlinkSync('/nowhere', join(folder, 'fox (1).txt'));
    expect(await receive()).toBe('fox (2).txt');
    expect(readFileSync(join(folder, 'fox.txt'), 'utf8')).toBe('mine');
  });

  test('leaves the folder for no name', async () => {
    expect(await receive({ ...OFFER, name: '../../../tmp/fox.txt' })).toBe('fox.txt');
    expect(readdirSync(folder)).toEqual(['fox.txt']);
  });

  test('keeps nothing of a file whose hash is another', async () => {
    const file = await opened();
    await file.begin(0);
    await file.write(CONTENT);
    expect(await file.finish('ab'.repeat(32))).toBeUndefined();
    await file.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('goes on with what is there, for the same sender and the same file', async () => {
    const first = await opened();
    await first.begin(0);
    await first.write(CONTENT.subarray(0, 20));
    await first.keep();
    for (const file of [
      await opened(OFFER, 'sip:mallory@example'),
      await opened({ ...OFFER, modifiedMs: 1 }),
    ]) {
      expect(file.marks).toEqual([]);
      await file.keep();
    }
    const second = await opened();
    expect(second.marks.at(-1)).toEqual({
      offsetBytes: 20,
      sha256: createHash('sha256').update(CONTENT.subarray(0, 20)).digest('hex'),
    });
    await second.begin(20);
    await second.write(CONTENT.subarray(20));
    expect(await second.finish(SHA256)).toBe('fox.txt');
    expect(readFileSync(join(folder, 'fox.txt'))).toEqual(CONTENT);
  });

  test('cuts off what is behind the mark that was agreed on', async () => {
    const first = await opened();
    await first.begin(0);
    await first.write(Buffer.concat([CONTENT.subarray(0, 16), Buffer.from('spoilt')]));
    await first.keep();
    const second = await opened();
    const mark = second.marks.findLast(({ offsetBytes }) => offsetBytes <= 16);
    await second.begin(mark?.offsetBytes ?? -1);
    await second.write(CONTENT.subarray(mark?.offsetBytes));
    expect(await second.finish(SHA256)).toBe('fox.txt');
  });

  test('takes a transfer of the same file for the end of the one before', async () => {
    const inbox = openInbox();
    const first = await opened(OFFER, FROM, inbox);
    let superseded = 0;
    first.onSuperseded = () => {
      superseded += 1;
      void first.keep();
    };
    const second = await opened(OFFER, FROM, inbox);
    expect(superseded).toBe(1);
    await second.keep();
  });

  test('of transfers of the same file that come at once the last one alone is left', async () => {
    const inbox = await openInbox();
    const open: IncomingFile[] = [];
    const take = async () => {
      const file = await opened(OFFER, FROM, Promise.resolve(inbox));
      open.push(file);
      file.onSuperseded = () => {
        open.splice(open.indexOf(file), 1);
        void file.keep();
      };
    };
    await Promise.all([take(), take(), take()]);
    // Two that write to one part would spoil it, each sure that its own hash is right.
    expect(open).toHaveLength(1);
    await open[0]?.begin(0);
    await open[0]?.write(CONTENT);
    expect(await open[0]?.finish(SHA256)).toBe('fox.txt');
    expect(readFileSync(join(folder, 'fox.txt'))).toEqual(CONTENT);
  });

  test.each([
    { name: 'a file that is too large', offer: { ...OFFER, sizeBytes: 101 }, reason: 'tooLarge' },
    { name: 'a name of which nothing is left', offer: { ...OFFER, name: '../..' }, reason: 'badName' },
  ])('refuses $name', async ({ offer, reason }) => {
    const inbox = await openInbox(100);
    expect(await inbox.open(offer, FROM)).toMatchObject({ reason });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('refuses what the disk has no room for, before any of it comes', async () => {
    const inbox = await openInbox();
    expect(await inbox.open({ ...OFFER, sizeBytes: Number.MAX_SAFE_INTEGER }, FROM)).toMatchObject({
      reason: 'noSpace',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('receives so many files at once, and no more', async () => {
    const inbox = await openInbox();
    const files: IncomingFile[] = [];
    for (let i = 0; i < MOST_TRANSFERS; i += 1)
      files.push(await opened({ ...OFFER, name: `${i}` }, FROM, openInboxOf(inbox)));
    expect(await inbox.open(OFFER, FROM)).toMatchObject({ reason: 'busy' });
    for (const file of files) await file.keep();
    await (await opened(OFFER, FROM, openInboxOf(inbox))).keep();
  });

  test('throws parts away that nobody went on with, and nothing else', async () => {
    const stale = `.patchcord-${'0'.repeat(32)}.part`;
    const fresh = `.patchcord-${'1'.repeat(32)}.part`;
    for (const name of [stale, fresh, 'old.part']) writeFileSync(join(folder, name), 'x');
    utimesSync(join(folder, stale), 1e9 - 8 * 86_400, 1e9 - 8 * 86_400);
    utimesSync(join(folder, fresh), 1e9 - 6 * 86_400, 1e9 - 6 * 86_400);
    utimesSync(join(folder, 'old.part'), 0, 0);
    await openInbox();
    expect(readdirSync(folder).toSorted()).toEqual([fresh, 'old.part'].toSorted());
  });

  test('wants a folder that is there', async () => {
    await expect(openDiskInbox({ folder: join(folder, 'no'), wallClock: () => 0 })).rejects.toThrow(
      UsageError,
    );
  });
});

async function openInboxOf<Inbox>(inbox: Inbox): Promise<Inbox> {
  return inbox;
}

describe('a file that is sent', () => {
  test('is read and hashed, from a mark that fits', async () => {
    const path = join(folder, 'a.txt');
    writeFileSync(path, CONTENT);
    const file = await openDiskFile(path);
    expect(file).toMatchObject({ name: 'a.txt', sizeBytes: CONTENT.length });
    const markAt = (offsetBytes: number, of: Uint8Array = CONTENT) => ({
      offsetBytes,
      sha256: createHash('sha256').update(of.subarray(0, offsetBytes)).digest('hex'),
    });
    expect(await file.check([markAt(5), markAt(12), markAt(20, Buffer.alloc(20))])).toBe(12);
    expect(Buffer.from(await file.read(1000))).toEqual(CONTENT.subarray(12));
    expect(await file.digest()).toBe(SHA256);
    await file.close();
  });

  test('has no hash where it was changed meanwhile', async () => {
    const path = join(folder, 'a.txt');
    writeFileSync(path, CONTENT);
    const file = await openDiskFile(path);
    await file.read(1000);
    writeFileSync(path, 'other');
    expect(await file.digest()).toBeUndefined();
    await file.close();
  });

  test('is no folder, and is there', async () => {
    mkdirSync(join(folder, 'sub'));
    await expect(openDiskFile(join(folder, 'sub'))).rejects.toThrow(/is no file; pack/);
    await expect(openDiskFile(join(folder, 'no'))).rejects.toThrow(/there is none/);
  });
});
