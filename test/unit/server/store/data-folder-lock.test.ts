import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../../../../core/index.ts';
import { DataFolderLock, LOCK_FILE, SqliteStore } from '../../../../server/store/index.ts';

let dataFolder: string;
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'patchcord-lock-'));
});
afterEach(() => rmSync(dataFolder, { recursive: true }));

function failure(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('DataFolderLock', () => {
  test('refuses the second, and names the folder and the process that has it', () => {
    const lock = DataFolderLock.take(dataFolder);
    for (const _ of ['once', 'and again']) {
      const error = failure(() => DataFolderLock.take(dataFolder));
      expect(error).toBeInstanceOf(UsageError);
      expect(String(error)).toContain(`"${dataFolder}" is in use by a server, process ${process.pid}`);
    }
    lock.release();
  });

  test('is free again once it was released', () => {
    DataFolderLock.take(dataFolder).release();
    const lock = DataFolderLock.take(dataFolder);
    expect(failure(() => DataFolderLock.take(dataFolder))).toBeInstanceOf(UsageError);
    lock.release();
  });

  test('lets commands write to the store beside it', () => {
    const lock = DataFolderLock.take(dataFolder);
    const store = SqliteStore.open({ dataFolder });
    store.write([{ kind: 'setting', name: 'realm', value: 'r' }]);
    expect(store.setting('realm')).toBe('r');
    store.close();
    lock.release();
  });

  test('names its file where that is damaged', () => {
    writeFileSync(join(dataFolder, LOCK_FILE), 'no database '.repeat(100));
    const error = failure(() => DataFolderLock.take(dataFolder));
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toContain(`holds a damaged ${LOCK_FILE}`);
  });
});
