// The store in one SQLite file.
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import { messageOf, OperationError, UsageError } from '../../core/index.ts';
import type { StoredBinding } from '../../signaling/index.ts';
import type { PhoneReport } from '../quality/index.ts';
import { abandonedRecord, closedRecord, isoTime, openedRecord, withPhoneReport } from './records.ts';
import { MIGRATIONS } from './schema.ts';
import {
  bindingFromRow,
  bindingValues,
  type Row,
  recordFromRow,
  recordValues,
  type SqlValue,
  userFromRow,
  userValues,
} from './sqlite-rows.ts';
import type { CallRecord, SettingName, Store, StoreChange, StoredUser } from './types.ts';
import { unusable } from './unusable.ts';

/** Name of the file within the data folder. */
export const STORE_FILE = 'patchcord.sqlite';

/** How long a write waits for another process that writes, by default. */
const BUSY_WAIT_MS = 5000;

export interface SqliteStoreOptions {
  /** Made where it is missing. */
  readonly dataFolder: string;
  /** How long to wait while another process writes: short in a server, which would stand still meanwhile. */
  readonly busyWaitMs?: number;
}

/** A SQLite file in WAL mode: a crash of the process loses nothing that was written, and leaves the file whole. */
export class SqliteStore implements Store {
  readonly #database: DatabaseSyncInstance;
  readonly #statements = new Map<string, StatementSyncInstance>();

  /** @throws UsageError that says what to do where the folder or the file cannot be used */
  static open(options: SqliteStoreOptions): SqliteStore {
    const { dataFolder, busyWaitMs = BUSY_WAIT_MS } = options;
    try {
      // Call records and password hashes are nobody else's business.
      makeFolder(resolve(dataFolder));
      const file = join(dataFolder, STORE_FILE);
      // A folder that was there before may be open to all: the file is not. SQLite's own files follow its mode.
      closeSync(openSync(file, 'a', 0o600));
      const database = new DatabaseSync(file, { timeout: busyWaitMs });
      prepareDatabase(database);
      return new SqliteStore(database);
    } catch (error) {
      throw error instanceof UsageError ? error : unusable({ dataFolder, file: STORE_FILE }, error);
    }
  }

  private constructor(database: DatabaseSyncInstance) {
    this.#database = database;
  }

  setting(name: SettingName): string | undefined {
    const value = this.#rows('SELECT value FROM settings WHERE name = ?', [name])[0]?.value;
    return typeof value === 'string' ? value : undefined;
  }

  users(): readonly StoredUser[] {
    return this.#rows('SELECT * FROM users ORDER BY name').map(userFromRow);
  }

  user(name: string): StoredUser | undefined {
    return this.#rows('SELECT * FROM users WHERE name = ?', [name]).map(userFromRow)[0];
  }

  bindings(): readonly StoredBinding[] {
    return this.#rows('SELECT * FROM bindings ORDER BY id').flatMap((row) => bindingFromRow(row) ?? []);
  }

  records(limit: number): readonly CallRecord[] {
    return this.#rows('SELECT * FROM calls ORDER BY number DESC LIMIT ?', [limit]).map(recordFromRow);
  }

  record(id: string): CallRecord | undefined {
    const known = this.#rows('SELECT * FROM calls WHERE uniqueid = ?', [id])[0];
    const row = known ?? this.#rows(FIND_BY_CALL_ID, [callIdPattern(id)])[0];
    return row && recordFromRow(row);
  }

  write(changes: readonly StoreChange[]): void {
    if (changes.length === 0) return;
    this.#guarded(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        for (const change of changes) this.#apply(change);
        this.#database.exec('COMMIT');
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    });
  }

  foreignVersion(): number {
    return Number(this.#rows('PRAGMA data_version')[0]?.data_version);
  }

  close(): void {
    this.#statements.clear();
    try {
      // So that the one file is all there is to copy.
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // What stays in the journal of SQLite is read by the next one who opens the file.
    }
    this.#database.close();
  }

  #apply(change: StoreChange): void {
    switch (change.kind) {
      case 'setting':
        return this.#run('INSERT OR REPLACE INTO settings VALUES (?, ?)', [change.name, change.value]);
      case 'putUser':
        return this.#run('INSERT OR REPLACE INTO users VALUES (?, ?, ?, ?, ?, ?)', userValues(change.user));
      case 'removeUser':
        return this.#run('DELETE FROM users WHERE name = ?', [change.name]);
      case 'forward':
        return this.#run('UPDATE users SET forward = ? WHERE name = ?', [
          JSON.stringify(change.forward),
          change.name,
        ]);
      case 'binding':
        return change.change.kind === 'put'
          ? this.#run(PUT_BINDING, bindingValues(change.change.binding))
          : this.#run('DELETE FROM bindings WHERE id = ?', [change.change.id]);
      case 'openRecord':
        return this.#run(
          `${INSERT_RECORD} ON CONFLICT DO NOTHING`,
          recordValues(openedRecord(change.record)),
        );
      case 'answerRecord':
        return this.#run('UPDATE calls SET answer = ? WHERE uniqueid = ? AND "end" IS NULL', [
          isoTime(change.answer),
          change.uniqueid,
        ]);
      case 'recordings':
        return this.#run('UPDATE calls SET recordings = ? WHERE uniqueid = ? AND "end" IS NULL', [
          JSON.stringify(change.recordings),
          change.uniqueid,
        ]);
      case 'closeRecord':
        return this.#close('uniqueid = ?', [change.record.uniqueid], (open) =>
          closedRecord(open, change.record),
        );
      case 'phoneReport':
        return this.#addPhoneReport(change.uniqueid, change.report);
      case 'closeAbandoned':
        return this.#close('TRUE', [], (open) => abandonedRecord(open, change.lastKnownAlive));
    }
  }

  /** Closes the open records that the condition picks; one that is closed stays as it is. */
  #close(condition: string, values: readonly SqlValue[], end: (open: CallRecord) => CallRecord): void {
    for (const row of this.#rows(`SELECT * FROM calls WHERE ${condition} AND "end" IS NULL`, values)) {
      this.#run(REPLACE_RECORD, [...recordValues(end(recordFromRow(row))), Number(row.number)]);
    }
  }

  #addPhoneReport(uniqueid: string, report: PhoneReport): void {
    const row = this.#rows('SELECT phone_reports FROM calls WHERE uniqueid = ?', [uniqueid])[0];
    if (!row) return;
    const reports = withPhoneReport(JSON.parse(String(row.phone_reports)), report);
    this.#run('UPDATE calls SET phone_reports = ? WHERE uniqueid = ?', [JSON.stringify(reports), uniqueid]);
  }

  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // SQLite itself has rolled back where the disk is full.
    }
  }

  #rows(sql: string, values: readonly SqlValue[] = []): readonly Row[] {
    return this.#guarded(() => this.#statement(sql).all(...values));
  }

  #run(sql: string, values: readonly SqlValue[]): void {
    this.#statement(sql).run(...values);
  }

  #statement(sql: string): StatementSyncInstance {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guarded<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (error) {
      if (error instanceof OperationError) throw error;
      throw new OperationError('STORE_FAILED', `the store failed: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** Node's own recursive mkdir never ends where the system refuses a folder with ENOENT, as in /proc. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

const PUT_BINDING = 'INSERT OR REPLACE INTO bindings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)';

const RECORD_COLUMNS =
  'uniqueid, src, dst, lastdst, start, answer, "end", duration, billsec, disposition, status, reason, quality, call_ids, phone_reports, recordings';

const RECORD_PLACES = RECORD_COLUMNS.replace(/[^,]+/g, ' ?');

const INSERT_RECORD = `INSERT INTO calls (${RECORD_COLUMNS}) VALUES (${RECORD_PLACES})`;

const REPLACE_RECORD = `UPDATE calls SET (${RECORD_COLUMNS}) = (${RECORD_PLACES}) WHERE number = ?`;

/** `call_ids` is a JSON list of texts: one of them begins with what is asked for. */
const FIND_BY_CALL_ID = "SELECT * FROM calls WHERE call_ids LIKE ? ESCAPE '!' ORDER BY number DESC LIMIT 1";

function callIdPattern(prefix: string): string {
  const start = JSON.stringify(prefix).slice(0, -1);
  return `%${start.replace(/[!%_]/g, '!$&')}%`;
}

function prepareDatabase(database: DatabaseSyncInstance): void {
  // In WAL mode NORMAL keeps the file whole through a power cut; only the last moments may be missing.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  const row: Row = database.prepare('PRAGMA user_version').get();
  const version = Number(row.user_version);
  if (version > MIGRATIONS.length) {
    throw new UsageError(
      `the store is of a later version of Patchcord (${version}, this one knows ${MIGRATIONS.length}); update Patchcord`,
    );
  }
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN IMMEDIATE; ${step} PRAGMA user_version = ${index + 1}; COMMIT`);
  }
  // Finds out now, rather than with the first call, whether anything can be written.
  database.exec("BEGIN IMMEDIATE; INSERT OR REPLACE INTO settings VALUES ('probe', ''); COMMIT");
}
