import { describe, expect, test } from 'vitest';
import { OwnAddresses } from '../../../server/addresses/index.ts';
import { LocalHosts } from '../../../server/local-hosts.ts';
import { createWorld } from '../../support/index.ts';

describe('LocalHosts', () => {
  const world = createWorld();
  const runtime = world.host('server', { addresses: ['192.0.2.1', '2001:db8::1'] });
  const hosts = new LocalHosts(new OwnAddresses(runtime), [
    'pbx.example',
    undefined,
    'Example.ORG',
    '203.0.113.7',
  ]);

  test.each([
    { host: 'pbx.example', expected: true },
    { host: 'PBX.example.', expected: true },
    { host: 'example.org', expected: true },
    { host: 'localhost', expected: true },
    { host: '192.0.2.1', expected: true },
    { host: '[2001:db8::1]', expected: true },
    { host: '[2001:DB8:0::1]', expected: true },
    { host: '203.0.113.7', expected: true },
    { host: '192.0.2.2', expected: false },
    { host: 'example.com', expected: false },
    { host: 'sub.pbx.example', expected: false },
    { host: '', expected: false },
  ])('"$host" is ours: $expected', ({ host, expected }) => {
    expect(hosts.isLocal(host)).toBe(expected);
  });
});
