// One data folder, one server: the lock that says so.
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { codeOf, UsageError } from '../../core/index.ts';
import { sqliteCodeOf, unusable } from './unusable.ts';

/** Name of the file within the data folder. It stays when the server ends; the lock does not. */
export const LOCK_FILE = 'server.lock';

/** For the moment in which another server that starts looks whether it may. */
const BUSY_WAIT_MS = 200;

/**
 * Held by a server from its start to its end, beside the store, so that commands can write to that meanwhile. It is a
 * write transaction of SQLite: the system lets go of it when the process dies, however it does, and a process id that
 * is used again cannot be taken for the server.
 */
export class DataFolderLock {
  readonly #database: DatabaseSyncInstance;

  /** @throws UsageError that names the process that has the folder */
  static take(dataFolder: string): DataFolderLock {
    let database: DatabaseSyncInstance | undefined;
    try {
      const file = join(dataFolder, LOCK_FILE);
      makeFile(file);
      database = new DatabaseSync(file, { timeout: BUSY_WAIT_MS });
      hold(database);
      return new DataFolderLock(database);
    } catch (error) {
      const failure = sqliteCodeOf(error) === 'SQLITE_BUSY' ? taken(dataFolder, database) : undefined;
      database?.close();
      throw failure ?? unusable({ dataFolder, file: LOCK_FILE }, error);
    }
  }

  private constructor(database: DatabaseSyncInstance) {
    this.#database = database;
  }

  release(): void {
    this.#database.close();
  }
}

/** Never opens one that is there: closing it again would end the lock that this process may have on it (fcntl). */
function makeFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** Others can read while a transaction that wrote nothing is open: so the id is committed first, for them to find. */
function hold(database: DatabaseSyncInstance): void {
  database.exec('BEGIN IMMEDIATE');
  // The one number that SQLite keeps for its user: it spares a table.
  database.exec(`PRAGMA user_version = ${process.pid}`);
  database.exec('COMMIT');
  database.exec('BEGIN IMMEDIATE');
}

function taken(dataFolder: string, database: DatabaseSyncInstance | undefined): UsageError {
  const holder = database && holderOf(database);
  const who = holder === undefined ? 'another process' : `process ${holder}`;
  return new UsageError(
    `the data folder "${dataFolder}" is in use by a server, ${who}; stop that one, or choose another with --data-folder`,
  );
}

function holderOf(database: DatabaseSyncInstance): number | undefined {
  try {
    const row: unknown = database.prepare('PRAGMA user_version').get();
    if (typeof row !== 'object' || row === null || !('user_version' in row)) return undefined;
    const holder = Number(row.user_version);
    return holder > 0 ? holder : undefined;
  } catch {
    // It is being written at this moment.
    return undefined;
  }
}
