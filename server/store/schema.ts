// The tables of the SQLite store, by version.

/**
 * Steps from each version to the next; `PRAGMA user_version` counts those that were taken. A step that was released
 * never changes: the next one mends it.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE users (
    name TEXT PRIMARY KEY,
    display_name TEXT,
    ha1_sha256 TEXT NOT NULL,
    ha1_md5 TEXT NOT NULL,
    forward TEXT NOT NULL,
    source TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE bindings (
    id INTEGER PRIMARY KEY,
    aor TEXT NOT NULL,
    contact TEXT NOT NULL,
    path TEXT NOT NULL,
    flow TEXT,
    q REAL NOT NULL,
    expires_ms REAL NOT NULL,
    instance_id TEXT,
    reg_id TEXT,
    user_agent TEXT,
    call_id TEXT NOT NULL,
    cseq INTEGER NOT NULL
  );
  CREATE TABLE calls (
    number INTEGER PRIMARY KEY,
    uniqueid TEXT NOT NULL UNIQUE,
    src TEXT NOT NULL,
    dst TEXT NOT NULL,
    lastdst TEXT NOT NULL,
    start TEXT NOT NULL,
    answer TEXT,
    "end" TEXT,
    duration INTEGER NOT NULL,
    billsec INTEGER NOT NULL,
    disposition TEXT,
    status INTEGER,
    reason TEXT,
    quality TEXT NOT NULL
  );
  CREATE INDEX open_calls ON calls (number) WHERE "end" IS NULL;
  `,
  `
  ALTER TABLE calls ADD COLUMN call_ids TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE calls ADD COLUMN phone_reports TEXT NOT NULL DEFAULT '[]';
  `,
  `
  ALTER TABLE calls ADD COLUMN recordings TEXT NOT NULL DEFAULT '[]';
  `,
];
