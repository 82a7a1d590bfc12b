import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, test } from 'vitest';
import { OperationError, UsageError } from '../../../../core/index.ts';
import { SqliteStore, STORE_FILE, type StoredUser } from '../../../../server/store/index.ts';
import { MIGRATIONS } from '../../../../server/store/schema.ts';
import { useTempFolder } from '../../../support/use-temp-folder.ts';
import { ALICE, BOB, CLOSED } from './samples.ts';

const folder = useTempFolder('sqlite');
let count = 0;

function newFolder(): string {
  count += 1;
  return join(folder(), `${count}`, 'data');
}

describe('SqliteStore', () => {
  test('reads records of the version before', () => {
    const dataFolder = newFolder();
    SqliteStore.open({ dataFolder }).close();
    const file = join(dataFolder, STORE_FILE);
    rmSync(file);
    const old = new DatabaseSync(file);
    const values = `1, '1.1', 'alice', 'bob', 'bob', '2026-01-01T12:00:00.250Z', NULL, NULL, 0, 0, NULL, NULL, NULL, '[]'`;
    old.exec(`${MIGRATIONS[0]} PRAGMA user_version = 1; INSERT INTO calls VALUES (${values})`);
    old.close();
    const store = SqliteStore.open({ dataFolder });
    expect(store.records(9)).toMatchObject([
      { uniqueid: '1.1', callIds: [], phoneReports: [], recordings: [] },
    ]);
    store.write([{ kind: 'closeRecord', record: CLOSED }]);
    expect(store.record('two')).toMatchObject({ uniqueid: '1.1', lastDst: 'carol' });
    store.close();
  });

  test('writes all or nothing', () => {
    const store = SqliteStore.open({ dataFolder: newFolder() });
    const broken = { ...ALICE, ha1s: { 'SHA-256': 'x', MD5: null } } as unknown as StoredUser;
    const write = () =>
      store.write([
        { kind: 'putUser', user: BOB },
        { kind: 'putUser', user: broken },
      ]);
    expect(write).toThrow(OperationError);
    expect(store.users()).toEqual([]);
    store.write([{ kind: 'putUser', user: BOB }]);
    expect(store.users()).toEqual([BOB]);
    store.close();
  });

  test('tells when another process wrote, and not when this one did', () => {
    const dataFolder = newFolder();
    const [server, command] = [SqliteStore.open({ dataFolder }), SqliteStore.open({ dataFolder })];
    const before = server.foreignVersion();
    server.write([{ kind: 'putUser', user: ALICE }]);
    expect(server.foreignVersion()).toBe(before);
    command.write([{ kind: 'putUser', user: BOB }]);
    expect(server.foreignVersion()).not.toBe(before);
    expect(server.users()).toEqual([ALICE, BOB]);
    server.close();
    command.close();
  });

  test('a writer that another one keeps waiting too long fails, and may try again', () => {
    const dataFolder = newFolder();
    const [first, second] = [
      SqliteStore.open({ dataFolder }),
      SqliteStore.open({ dataFolder, busyWaitMs: 1 }),
    ];
    const blocked = {
      kind: 'putUser',
      get user() {
        // In the middle of the first one's transaction.
        expect(() => second.write([{ kind: 'putUser', user: BOB }])).toThrow(/locked/);
        return ALICE;
      },
    } as const;
    first.write([blocked]);
    second.write([{ kind: 'putUser', user: BOB }]);
    expect(first.users()).toHaveLength(2);
    first.close();
    second.close();
  });

  test.each([
    {
      name: 'a file in place of the folder',
      prepare: (path: string) => writeFileSync(path, ''),
      expected: /cannot be made; choose another with --data-folder$/,
    },
    {
      name: 'a damaged file',
      prepare: (path: string) => {
        mkdirSync(path);
        writeFileSync(join(path, STORE_FILE), 'no database'.repeat(1000));
      },
      expected: /holds a damaged patchcord.sqlite; restore it from a copy, or move it away$/,
    },
  ])('refuses $name in one sentence with the mend', ({ prepare, expected }) => {
    count += 1;
    const path = join(folder(), `refused-${count}`);
    prepare(path);
    expect(() => SqliteStore.open({ dataFolder: path })).toThrow(UsageError);
    expect(() => SqliteStore.open({ dataFolder: path })).toThrow(expected);
  });
});
