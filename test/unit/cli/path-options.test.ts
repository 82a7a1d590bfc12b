import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addPathOptions, type PathFlags, pathOptionsOf } from '../../../cli/path-options.ts';

function flagsOf(...args: readonly string[]): PathFlags {
  const command = addPathOptions(new Command()).exitOverride();
  command.configureOutput({ writeErr: () => {} });
  return command.parse(['node', 'phone', ...args]).opts<PathFlags>();
}

const optionsOf = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  pathOptionsOf(flagsOf(...args), env);

describe('options of the path', () => {
  it('need nothing', () => {
    expect(optionsOf([])).toEqual({ ice: 'auto' });
  });

  it('name servers, with the ports that are usual', () => {
    const args = [
      '--ice',
      'relay',
      '--stun',
      '192.0.2.1',
      '--turn',
      'turns:turn.example',
      '--turn-user',
      'alice',
    ];
    expect(optionsOf([...args, '--turn-password', 'secret'])).toEqual({
      ice: 'relay',
      stunServer: { host: '192.0.2.1', port: 3478 },
      turnServers: [
        {
          host: 'turn.example',
          port: 5349,
          transport: 'tls',
          credentials: { username: 'alice', password: 'secret' },
        },
      ],
    });
  });

  it('take the environment where there is no flag', () => {
    const env = {
      PATCHCORD_STUN: '[2001:db8::1]:3479',
      PATCHCORD_TURN: 'turn:192.0.2.1?transport=tcp',
      PATCHCORD_TURN_USER: 'alice',
      PATCHCORD_TURN_PASSWORD: '',
    };
    expect(optionsOf([], env)).toMatchObject({
      stunServer: { host: '2001:db8::1', port: 3479 },
      turnServers: [{ port: 3478, transport: 'tcp', credentials: { username: 'alice', password: '' } }],
    });
    expect(optionsOf(['--stun', '192.0.2.9:1'], env).stunServer).toEqual({ host: '192.0.2.9', port: 1 });
  });

  it.each([
    { name: 'a use that is none', args: ['--ice', 'maybe'], env: {} },
    { name: 'a STUN server that is none', args: ['--stun', 'a:b:c'], env: {} },
    { name: 'a STUN server of the environment that is none', args: [], env: { PATCHCORD_STUN: ':1' } },
    { name: 'a relay over DTLS', args: ['--turn', 'turns:a?transport=udp', '--turn-user', 'a'], env: {} },
    { name: 'a relay without a user', args: ['--turn', 'turn:a', '--turn-password', 'b'], env: {} },
    { name: 'a relay without a password', args: ['--turn', 'turn:a', '--turn-user', 'a'], env: {} },
  ])('refuse $name', ({ args, env }) => {
    expect(() => optionsOf(args, env)).toThrow();
  });
});
