import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addServerOptions,
  configurationOf,
  type ServerFlags,
  withStore,
} from '../../../cli/server-options.ts';
import { version } from '../../../cli/version.ts';
import { UsageError } from '../../../core/index.ts';
import { SETTINGS, type SqliteStore } from '../../../server/index.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchcord-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function flagsOf(...args: readonly string[]): ServerFlags {
  const command = addServerOptions(new Command());
  return command.parse([...args], { from: 'user' }).opts();
}

describe('addServerOptions()', () => {
  test('gives every setting its flag', () => {
    const longs = addServerOptions(new Command()).options.map(({ long }) => long);
    expect(longs).toEqual(['--config', ...SETTINGS.map(({ flag }) => `--${flag}`)]);
  });

  test('gives a command that needs few no more', () => {
    const longs = addServerOptions(new Command(), ['realm']).options.map(({ long }) => long);
    expect(longs).toEqual(['--config', '--realm']);
  });
});

test('configurationOf() takes what commander makes of the flags', () => {
  const flags = flagsOf('--media-ports', '30000-30100', '--sip-tcp', 'off', '--media-sockets', 'node');
  expect(configurationOf(flags)).toMatchObject({
    media: { ports: { first: 30_000, last: 30_100 }, sockets: 'node' },
    sip: { tcp: [] },
  });
});

test('withStore() opens the store of the data folder and closes it, whatever happens', () => {
  const flags = flagsOf('--data-folder', join(folder, 'data'));
  const write = (store: SqliteStore) => store.write([{ kind: 'setting', name: 'realm', value: 'r' }]);
  withStore(flags, write, { isMade: true });
  const fail = () =>
    withStore(flags, () => {
      throw new Error('no');
    });
  expect(fail).toThrow('no');
  expect(withStore(flags, (store) => store.setting('realm'))).toBe('r');
});

test('withStore() tells of a data folder that nobody has made, and makes none', () => {
  const missing = join(folder, 'no-such');
  const open = (place: string) => () => withStore(flagsOf('--data-folder', place), () => undefined);
  expect(open(missing)).toThrow(UsageError);
  expect(open(missing)).toThrow(`the data folder "${missing}" does not exist`);
  expect(existsSync(missing)).toBe(false);
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  expect(open(empty)).toThrow(`the data folder "${empty}" has no patchcord.sqlite`);
  expect(readdirSync(empty)).toEqual([]);
});

test('version() is that of the package', () => {
  expect(version()).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
});
