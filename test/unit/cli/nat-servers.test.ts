import { describe, expect, test } from 'vitest';
import { natServersOf, resolveServers } from '../../../cli/nat-servers.ts';
import { createWorld } from '../../support/index.ts';

describe('whom patchcord nat asks', () => {
  test.each([
    { name: 'one', texts: ['stun.example'], env: {}, expected: [['stun.example', 3478]] },
    {
      name: 'two, with ports',
      texts: ['stun:192.0.2.1:3479', '[2001:db8::1]:5'],
      env: { PATCHCORD_STUN: 'other' },
      expected: [
        ['192.0.2.1', 3479],
        ['2001:db8::1', 5],
      ],
    },
    {
      name: 'PATCHCORD_STUN before PATCHCORD_SERVER',
      texts: [],
      env: { PATCHCORD_STUN: 'stun.example:1', PATCHCORD_SERVER: 'pbx.example' },
      expected: [['stun.example', 1]],
    },
    {
      name: 'the server of the account, on the ports of STUN and of SIP',
      texts: [],
      env: { PATCHCORD_SERVER: 'pbx.example' },
      expected: [
        ['pbx.example', 3478],
        ['pbx.example', 5060],
      ],
    },
    {
      name: 'the server of the account, with a SIP port of its own',
      texts: [],
      env: { PATCHCORD_SERVER: 'sip:pbx.example:5070' },
      expected: [
        ['pbx.example', 3478],
        ['pbx.example', 5070],
      ],
    },
  ])('$name', ({ texts, env, expected }) => {
    expect(natServersOf(texts, env).map(({ host, port }) => [host, port])).toEqual(expected);
  });

  test('nobody: the mend is named', () => {
    expect(() => natServersOf([], {})).toThrow(/SERVER is missing: .*"patchcord nat stun\.example\.org"/);
  });

  test.each([
    { texts: ['a b'], env: {}, place: 'SERVER "a b"' },
    { texts: ['x:0'], env: {}, place: 'SERVER "x:0"' },
    { texts: [], env: { PATCHCORD_STUN: ':' }, place: 'PATCHCORD_STUN ":"' },
    { texts: [], env: { PATCHCORD_SERVER: '[x]' }, place: 'PATCHCORD_SERVER "[x]"' },
  ])('$place is refused', ({ texts, env, place }) => {
    expect(() => natServersOf(texts, env)).toThrow(`${place} is not host or host:port`);
  });
});

describe('resolveServers()', () => {
  const world = createWorld();
  const host = world.host('client', { addresses: ['192.0.2.9', '2001:db8::9'] });
  world.names.hosts.set('both.example', ['2001:db8::1', '192.0.2.1']);
  world.names.hosts.set('six.example', ['2001:db8::2']);

  const resolve = (...hosts: readonly string[]) =>
    world.complete(
      resolveServers(
        host,
        hosts.map((name) => ({ host: name, port: 3478 })),
      ),
    );

  test('takes one family for all: that of the first', async () => {
    const endpoints = await resolve('both.example', 'six.example', '198.51.100.1');
    expect(endpoints.map(({ address }) => address)).toEqual(['192.0.2.1', '198.51.100.1']);
    const [six] = await resolve('six.example', '198.51.100.1');
    expect(six).toEqual({ address: '2001:db8::2', port: 3478 });
  });

  test('says which servers are not asked, and why', async () => {
    const said: string[] = [];
    const servers = ['192.0.2.1', 'six.example', 'nowhere.example'].map((name) => ({
      host: name,
      port: 3478,
    }));
    await world.complete(resolveServers(host, servers, (line) => said.push(line)));
    expect(said).toEqual([
      '"six.example" is not asked: it has no address of IPv4, over which the first is; name a server that has one',
      '"nowhere.example" is not asked: it has no address; name a server that has one',
    ]);
  });

  test('says which name has no address', async () => {
    await expect(resolve('nowhere.example')).rejects.toThrow('"nowhere.example" has no address');
  });
});
