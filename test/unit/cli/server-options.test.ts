import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
import { SETTINGS } from '../../../server/index.ts';

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
  const flags = flagsOf('--media-ports', '30000-30100', '--sip-tcp', 'off', '--max-calls', '7');
  expect(configurationOf(flags)).toMatchObject({
    media: { ports: { first: 30_000, last: 30_100 } },
    sip: { tcp: [] },
    maxCalls: 7,
  });
});

test('withStore() opens the store of the data folder and closes it, whatever happens', () => {
  const flags = flagsOf('--data-folder', join(folder, 'data'));
  withStore(flags, (store) => store.write([{ kind: 'setting', name: 'realm', value: 'r' }]));
  const fail = () =>
    withStore(flags, () => {
      throw new Error('no');
    });
  expect(fail).toThrow('no');
  expect(withStore(flags, (store) => store.setting('realm'))).toBe('r');
});

test('version() is that of the package', () => {
  expect(version()).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
});
