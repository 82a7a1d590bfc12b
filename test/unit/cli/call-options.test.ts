import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  addPhoneOptions,
  addReportOptions,
  addSoundOptions,
  type PhoneFlags,
  phoneOptionsOf,
  waitingPhoneOptionsOf,
} from '../../../cli/call-options.ts';
import { UsageError } from '../../../core/index.ts';

function parse(args: readonly string[]) {
  const command = addReportOptions(addSoundOptions(addPhoneOptions(new Command('call'))));
  command.exitOverride().configureOutput({ writeErr: () => {} });
  command.parse(args, { from: 'user' });
  return command.opts<PhoneFlags & Record<string, unknown>>();
}

describe('options of the phone commands', () => {
  it('have defaults', () => {
    expect(parse([])).toEqual({
      transport: 'udp',
      log: 'silent',
      ice: 'auto',
      opusEngine: 'libopus-wasm',
      redundancy: 'auto',
      qualityReport: true,
    });
  });

  it.each([
    { args: ['--codec', 'pcma,Opus,l16'], key: 'codec', value: ['pcma', 'opus', 'l16'] },
    { args: ['--no-quality-report'], key: 'qualityReport', value: false },
    { args: ['--redundancy', 'off'], key: 'redundancy', value: 'off' },
    { args: ['--local-port', '0'], key: 'localPort', value: 0 },
    { args: ['--duration', '2.5'], key: 'duration', value: 2.5 },
    { args: ['--min-mos', '4.1'], key: 'minMos', value: 4.1 },
    { args: ['--transport', 'tcp'], key: 'transport', value: 'tcp' },
  ])('read $args', ({ args, key, value }) => {
    expect(parse(args)[key]).toEqual(value);
  });

  it.each([
    { args: ['--codec', 'g729'], says: 'opus, g722, pcmu, pcma' },
    { args: ['--codec', ''], says: 'opus, g722, pcmu, pcma' },
    { args: ['--redundancy', 'always'], says: 'auto, off' },
    { args: ['--local-port', '70000'], says: '0 to 65535' },
    { args: ['--local-port', '1.5'], says: '0 to 65535' },
    { args: ['--duration', '0'], says: 'greater than 0' },
    { args: ['--duration', 'x'], says: 'greater than 0' },
    { args: ['--min-mos', '6'], says: 'from 1 to 5' },
    { args: ['--transport', 'sctp'], says: 'udp, tcp' },
    { args: ['--log', 'loud'], says: 'error, warn' },
  ])('refuse $args', ({ args, says }) => {
    expect(() => parse(args)).toThrow(says);
  });
});

describe('phoneOptionsOf()', () => {
  const flags: PhoneFlags = { transport: 'udp', log: 'silent' };

  it('calls directly without a server', () => {
    expect(phoneOptionsOf(flags, {})).toEqual({ transport: 'udp' });
  });

  it('waits for direct calls on port 5060, unless told otherwise', () => {
    expect(waitingPhoneOptionsOf(flags, {}).localPort).toBe(5060);
    expect(waitingPhoneOptionsOf({ ...flags, localPort: 7 }, {}).localPort).toBe(7);
    expect(waitingPhoneOptionsOf({ ...flags, server: 'a', user: 'u' }, {}).localPort).toBeUndefined();
  });

  it('takes flags before the environment', () => {
    const env = { PATCHCORD_SERVER: 'a', PATCHCORD_USER: 'u', PATCHCORD_PASSWORD: 'p' };
    expect(phoneOptionsOf(flags, env).account).toEqual({ server: 'a', user: 'u', password: 'p' });
    const given = { ...flags, server: 'b:5070', user: 'v', password: '' };
    expect(phoneOptionsOf(given, env).account).toEqual({ server: 'b:5070', user: 'v', password: '' });
  });

  it('reads the first line of a password file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'patchcord-'));
    const passwordFile = join(folder, 'p');
    writeFileSync(passwordFile, 'geheim \r\nmore\n');
    const options = phoneOptionsOf({ ...flags, server: 'a', user: 'u', passwordFile }, {});
    rmSync(folder, { recursive: true });
    expect(options.account?.password).toBe('geheim ');
  });

  it.each([
    { name: 'a server without a user', given: { server: 'a' }, says: 'add --user NAME' },
    {
      name: 'a file that is not there',
      given: { server: 'a', user: 'u', passwordFile: '/nowhere/p' },
      says: 'cannot be read',
    },
  ])('refuses $name', ({ given, says }) => {
    const read = () => phoneOptionsOf({ ...flags, ...given }, {});
    expect(read).toThrow(UsageError);
    expect(read).toThrow(says);
  });
});
